import { refuse } from '../errors.js';
import { placeOf } from '../input/dense.js';
import { type LeafModels, leafModelsRules, type Node } from '../ir/index.js';
import { withRoom, zeros } from '../math/zeros.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';

export const leafModels: NodeKind<LeafModels<Node>> = {
  rules: leafModelsRules,
  compile(node, { given, names, compile }) {
    const { features, outputs, treeOutputs, head } = node;
    const { constants, starts, columns, coefficients, gaps } = node;
    const { score: choose } = compile(node.node, given, names) as Scorer;
    let chosen = zeros(0);
    return {
      outputs,
      head,
      score(x, out) {
        const { data, rows } = x;
        chosen = withRoom(chosen, rows * treeOutputs.length);
        choose(x, chosen);
        out.fill(0, 0, rows * outputs);
        for (let row = 0, at = 0; row < rows; row++)
          for (const output of treeOutputs) {
            const model = chosen[at++]!;
            let sum =
              constants[model] ?? refuse('input-range', placeOf(x, row), 'leads to no model');
            for (let i = starts[model]!; i < starts[model + 1]!; i++) {
              const cell = data[row * features + columns[i]!]!;
              sum += coefficients[i]! * cell;
              if (Number.isNaN(cell)) {
                sum = gaps[model]!;
                break;
              }
            }
            out[row * outputs + output]! += sum;
          }
        return false;
      },
    };
  },
};
