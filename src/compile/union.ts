import { startOf, type Value } from '../input/dense.js';
import { type Node, resultTypes, type Union, unionRules } from '../ir/index.js';
import { typeOf, ValueBuffer } from './buffer.js';
import type { NodeKind } from './kind.js';
import { compileSelect } from './select.js';
import { chain, handOn, type Transformer } from './transformer.js';

export const union: NodeKind<Union<Node>> = {
  rules: unionRules,
  compile(node, { given, names, gives, compile }) {
    const parts = node.parts.map(({ columns, node: part }) => {
      const chosen = columns ? compileSelect(columns, given, names, true) : handOn(given, names);
      // A part that answers has been refused.
      return part
        ? chain(chosen, compile(part, chosen.gives, chosen.names) as Transformer)
        : chosen;
    });
    const outNames = parts.flatMap(
      (part) => part.names ?? new Array<string>(part.gives.columns).fill(''),
    );
    const out = new ValueBuffer(gives, outNames);
    const values: Value[] = [];
    return {
      gives,
      names: outNames,
      transform(x) {
        // float64 if any part is, else float32 if any is, as numpy's hstack decides.
        let rank = 2;
        for (let i = 0; i < parts.length; i++) {
          const value = parts[i]!.transform(x);
          values[i] = value;
          rank = Math.min(rank, resultTypes.indexOf(typeOf(value)));
        }
        out.begin(x, resultTypes[rank]!);
        for (let row = 0; row < x.rows; row++) {
          let first = 0;
          for (const value of values) {
            const start = startOf(value, row);
            const end = startOf(value, row + 1);
            for (let i = start; i < end; i++) {
              const col = first + (value.indices ? value.indices[i]! : i - start);
              out.put(col, value.data[i]!, value.strings?.[i]);
            }
            first += value.cols;
          }
          out.next();
        }
        return out;
      },
    };
  },
};
