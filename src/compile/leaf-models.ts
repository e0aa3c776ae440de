import { refuse } from '../errors.js';
import { placeOf, type Value, viewRows } from '../input/dense.js';
import { type LeafModels, leafModelsRules, type Node } from '../ir/index.js';
import { withRoom, zeros } from '../math/zeros.js';
import { changeInPlace } from './head.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';

/** Models that are chosen before they are asked: as many rows at a time as have not more of them than this. */
const blockModels = 2 ** 20;

export const leafModels: NodeKind<LeafModels<Node>> = {
  rules: leafModelsRules,
  compile(node, { given, names, compile }) {
    const { features, outputs, treeOutputs, divisor, head } = node;
    const { outputs: trees, score: choose } = compile(node.node, given, names) as Scorer;
    const mostRows = Math.max(1, Math.floor(blockModels / trees));
    const predict = compileModels(node);
    let chosen = zeros(0);

    function addBlock(x: Value, out: Float64Array, to: number): void {
      chosen = withRoom(chosen, x.rows * trees);
      choose(x, chosen);
      for (let row = 0; row < x.rows; row++)
        for (let tree = 0; tree < trees; tree++)
          out[to + row * outputs + (treeOutputs?.[tree] ?? 0)]! +=
            predict(chosen[row * trees + tree]!, x.data, row * features) ??
            refuse('input-range', placeOf(x, row), `tree ${tree} leads to no model`);
    }

    return {
      outputs,
      head,
      score(x, out) {
        const { rows } = x;
        out.fill(0, 0, rows * outputs);
        for (let start = 0; start < rows; start += mostRows) {
          const end = Math.min(rows, start + mostRows);
          addBlock(end - start < rows ? viewRows(x, start, end) : x, out, start * outputs);
        }
        if (divisor) changeInPlace(out, rows * outputs, false, (sum) => sum / divisor[0]!);
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
