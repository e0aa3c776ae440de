import { refuse } from '../errors.js';
import { placeOf, type Value } from '../input/dense.js';
import { type LeafModels, leafModelsRules, type Node } from '../ir/index.js';
import { withRoom, zeros } from '../math/zeros.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';

export const leafModels: NodeKind<LeafModels<Node>> = {
  rules: leafModelsRules,
  compile(node, { given, names, compile }) {
    const { features, outputs, treeOutputs, head } = node;
    const chooser = compile(node.node, given, names) as Scorer;
    const { length } = treeOutputs;
    const predict = compileModels(node);
    let chosen = zeros(0);
    return {
      outputs,
      head,
      score(x, out) {
        chosen = withRoom(chosen, x.rows * length);
        chooser.score(x, chosen);
        out.fill(0, 0, x.rows * outputs);
        for (let row = 0, at = 0; row < x.rows; row++)
          for (let tree = 0; tree < length; tree++)
            out[row * outputs + treeOutputs[tree]!]! +=
              predict(chosen[at++]!, x.data, row * features) ??
              refuse('input-range', placeOf(x, row), `tree ${tree} leads to no model`);
        return false;
      },
    };
  },
};

/** What a model, by its number, gives for the row whose cells begin at `at`; undefined where there is no such model. */
export const compileModels =
  ({ constants, starts, columns, coefficients, gaps }: LeafModels<Node>) =>
  (model: number, cells: Value['data'], at: number): number | undefined => {
    let sum = constants[model];
    if (sum === undefined) return sum;
    for (let i = starts[model]!; i < starts[model + 1]!; i++) {
      const cell = cells[at + columns[i]!]!;
      if (Number.isNaN(cell)) return gaps[model]!;
      sum += coefficients[i]! * cell;
    }
    return sum;
  };
