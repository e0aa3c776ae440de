import type { Trees } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { assembleBoosting, constantTree } from '../boosting/trees.js';
import { answersOf, type Columns, elementwise, followed, regressorHead } from './columns.js';
import type { Equalities } from './equality.js';
import type { Numbers } from './lists.js';
import type { Operator } from './operator.js';
import type { Shape } from './tree-shape.js';

export const aggregations = ['AVERAGE', 'SUM', 'MIN', 'MAX'] as const;
/** What leaves add: for each weight its tree, its leaf, and the output that it is for. */
export interface Weights {
  readonly trees: ArrayLike<number>;
  readonly leaves: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly values: Numbers;
}

export interface Forest {
  readonly sources: readonly SourceTree[];
  /** The output that each tree adds to; null where leaves have all of them. */
  readonly treeOutputs: readonly number[] | null;
  /** Whether every row gets a weight for each output. */
  readonly complete: boolean;
}

/** Puts weights into the leaves that they are of. */
export function plant(
  operator: Operator,
  shapes: readonly Shape[],
  { trees, leaves, targets, values }: Weights,
  outputs: number,
): Forest {
  const treeOutputs = outputs === 1 ? null : singleOutputs(shapes.length, trees, targets);
  const columns = treeOutputs ? 1 : outputs;
  const cells = shapes.reduce((sum, { left }) => sum + left.length * columns, 0);
  operator.lowering.source.spend(9 * cells);
  const sources = shapes.map((shape): SourceTree => {
    return { ...shape, values: new Float64Array(shape.left.length * columns) };
  });
  const seen = sources.map((source) => new Uint8Array(source.values.length));
  for (let i = 0; i < values.length; i++) {
    const leaf = leaves[i]!;
    const source = sources[trees[i]!]!;
    // Files of old converters have weights of splits, too, which nothing is made of.
    if (source.left[leaf] !== -1) continue;
    const target = targets[i]!;
    if (!(target >= 0 && target < outputs && Number.isFinite(values[i]!)))
      operator.refuse('', `weight ${i} is ${values[i]} for output ${target} of ${outputs}`);
    const cell = leaf * columns + (treeOutputs ? 0 : target);
    if (seen[trees[i]!]![cell] === 1)
      operator.refuse('', `weight ${i} is one too many of its leaf`);
    seen[trees[i]!]![cell] = 1;
    source.values[cell] = values[i]!;
  }
  const given = new Uint8Array(outputs);
  sources.forEach(({ left }, t) => {
    const missing = new Uint8Array(columns);
    for (let node = 0; node < left.length; node++) {
      if (left[node] !== -1) continue;
      let count = 0;
      for (let k = 0; k < columns; k++) {
        if (seen[t]![node * columns + k] === 1) count++;
        else missing[k] = 1;
      }
      if (count === 0) operator.refuse('', `a leaf of tree ${t} has no weight`);
    }
    for (let k = 0; k < columns; k++) if (missing[k] === 0) given[treeOutputs?.[t] ?? k] = 1;
  });
  return { sources, treeOutputs, complete: given.every((one) => one === 1) };
}

/** The output that each tree has weights for; null where a tree has such for several. */
function singleOutputs(
  count: number,
  trees: ArrayLike<number>,
  targets: ArrayLike<number>,
): number[] | null {
  const outputs = new Array<number>(count).fill(-1);
  for (let i = 0; i < trees.length; i++) {
    const tree = trees[i]!;
    if (outputs[tree] === -1) outputs[tree] = targets[i]!;
    if (outputs[tree] !== targets[i]) return null;
  }
  return outputs;
}

/** The sums of all leaves, and of the base at last: float32 as onnxruntime has them, but of trees on doubles. */
export function addUp(
  operator: Operator,
  { sources, treeOutputs }: Forest,
  outputs: number,
  aggregation: (typeof aggregations)[number],
  base: Numbers | null,
  equalities: Equalities,
): Columns {
  const given = operator.columns(0, 'float', 'double', 'integer');
  expectFeatures(operator, sources, given.width);
  const input = equalities.beside(given);
  const isDouble = input.type === 'double';
  if (sources.length > 1 && (aggregation === 'MIN' || aggregation === 'MAX'))
    operator.refuse('aggregate_function', `${aggregation} of several trees is not supported`);
  if (base && base.length !== outputs)
    operator.refuse('base_values', `expected ${outputs} numbers, found ${base.length}`);
  const averages = aggregation === 'AVERAGE' && sources.length > 1;
  // Sums end with the base, where those of trees begin with it: it is a tree of one leaf, or one for each output.
  const ends = !base || averages ? [] : treeOutputs ? Array.from(base, (value) => [value]) : [base];
  const trees: Trees = assembleBoosting(
    [...sources, ...ends.map((values) => constantTree(values, operator.path))],
    {
      features: input.width,
      outputs,
      precision: isDouble ? 'float64' : 'float32',
      nonFinite: 'any',
      base: new Float64Array(outputs),
      categories: equalities.categories(),
      treeOutputs: treeOutputs && [...treeOutputs, ...ends.map((_, k) => k)],
      divisor: null,
      head: regressorHead(outputs),
      ...(!isDouble && { sums: 'float32' as const }),
    },
    operator.lowering,
  );
  const type = isDouble ? 'double' : 'float';
  const sums = followed(input, answersOf(trees, input.width, 'raw'), outputs, type, true);
  const rest = [
    ...(averages ? [operandOf('divide', new Float64Array(outputs).fill(sources.length))] : []),
    ...(averages && base ? [operandOf('add', Float64Array.from(base))] : []),
  ];
  const ended =
    rest.length === 0
      ? sums
      : followed(sums, elementwise(outputs, rest, isDouble ? null : 'float32'));
  return ended;
}

/** Of other splits than those of equality: the copies that these ask are no features of the file's. */
function expectFeatures(
  operator: Operator,
  sources: readonly SourceTree[],
  features: number,
): void {
  for (const { left, feature, categorical, path } of sources)
    for (let node = 0; node < left.length; node++)
      if (left[node] !== -1 && !categorical?.[node] && !(feature[node]! < features))
        operator.refuse('', `${path}.node[${node}]: feature ${feature[node]} of ${features}`);
}

const operandOf = (operation: 'divide' | 'add', operands: Float64Array) => ({
  operation,
  operands,
  rounded: true,
});
