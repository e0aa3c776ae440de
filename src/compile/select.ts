import { type Names, pickNames, startOf, type Value } from '../input/dense.js';
import { type Select, selectRules, typeOfPart, type ValueType } from '../ir/index.js';
import { typeOf, ValueBuffer } from './buffer.js';
import type { NodeKind } from './kind.js';
import type { Transformer } from './transformer.js';

export const select: NodeKind<Select> = {
  rules: selectRules,
  compile: ({ columns }, { given, names }) => compileSelect(columns, given, names, false),
};

/**
 * Chooses columns of any value. Those of a table that are all numbers become a matrix; where it is a person's still (`asGiven`),
 * float32 if all of them are.
 */
export function compileSelect(
  columns: Uint32Array,
  given: ValueType,
  givenNames: Names,
  asGiven: boolean,
): Transformer {
  const gives = typeOfPart(columns, given);
  const names = pickNames(givenNames, columns);
  const out = new ValueBuffer(gives, names);
  // For each column of compressed rows, where it goes.
  const places: number[][] = [];
  if (given.kind === 'sparse')
    columns.forEach((column, i) => {
      places[column] = [...(places[column] ?? []), i];
    });
  const transform = (x: Value): Value => {
    const { singles, strings, cols } = x;
    out.singles = asGiven && singles ? Array.from(columns, (column) => singles[column]!) : null;
    const type = out.singles?.every(Boolean) && !out.strings ? 'float32' : typeOf(x);
    out.begin(x, type);
    for (let row = 0; row < x.rows; row++) {
      const start = startOf(x, row);
      if (x.indices) {
        for (let i = start; i < startOf(x, row + 1); i++)
          for (const place of places[x.indices[i]!] ?? []) out.put(place, x.data[i]!);
      } else {
        for (let i = 0; i < columns.length; i++) {
          const at = row * cols + columns[i]!;
          out.put(i, x.data[at]!, strings?.[at]);
        }
      }
      out.next();
    }
    return out;
  };
  return { gives, names, transform };
}
