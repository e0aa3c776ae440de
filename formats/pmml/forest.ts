import type { Head, Node, Trees } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { SetTable } from '../boosting/category-sets.js';
import { assembleBoosting, boosterHead } from '../boosting/trees.js';
import { type Column, type Forest, groupOf } from './column.js';
import type { Lowering } from './lowering.js';

/** The sums of a forest as columns. */
export function sumsOf(lowering: Lowering, forest: Forest): Column[] {
  const { sources, outputs, single, needed } = forest;
  const used = usedFeatures(lowering, sources, needed);
  const cost = sources.reduce(
    (sum, { left, values }) => sum + 20 * left.length + 8 * values.length,
    1000,
  );
  const facts = {
    columns: () => lowering.features.columnsOf(used).columns,
    make: (places: readonly number[], width: number, head: Head | null) =>
      assemble(lowering, forest, used, places, width, head),
    answers: true,
    width: outputs,
    cost,
    forest,
  };
  return groupOf(lowering, facts, single ? 'float' : 'double');
}

/** Columns of which each is the sum of trees of its own, as those of one forest: rows are then walked through all trees at once. */
export function joined(lowering: Lowering, columns: readonly Column[]): readonly Column[] {
  const forests = columns.map(({ base }) => (typeof base === 'number' ? null : base.group.forest));
  const [first] = forests;
  const fits = forests.every(
    (forest) =>
      forest &&
      forest.outputs === 1 &&
      forest.single === first!.single &&
      forest.divisor === null &&
      forest.base === 0 &&
      forest.weights === null,
  );
  if (!fits || forests.length < 2 || new Set(forests).size < forests.length) return columns;
  const all = forests as Forest[];
  const sums = sumsOf(lowering, {
    ...first!,
    sources: all.flatMap(({ sources }) => sources),
    outputs: all.length,
    treeOutputs: all.flatMap(({ sources }, k) => sources.map(() => k)),
    needed: all.every(({ needed }) => needed === null)
      ? null
      : new Set(all.flatMap(({ needed }) => [...(needed ?? [])])),
  });
  return sums.map((sum, k) => ({ ...columns[k]!, base: sum.base }));
}

function usedFeatures(
  lowering: Lowering,
  sources: readonly SourceTree[],
  needed: Forest['needed'],
): number[] {
  const used = new Set<number>(needed);
  for (const { left, feature } of sources)
    for (let node = 0; node < left.length; node++) if (left[node] !== -1) used.add(feature[node]!);
  // Trees of one leaf each are of something all the same.
  if (used.size === 0) used.add(lowering.features.numberIn(lowering.first));
  return [...used].sort((a, b) => a - b);
}

function assemble(
  lowering: Lowering,
  forest: Forest,
  used: readonly number[],
  places: readonly number[],
  features: number,
  head: Head | null,
): Node {
  const { sources, outputs, treeOutputs, base, weights, divisor, single, needed } = forest;
  const { precision } = lowering.features.columnsOf(used);
  const placeOf = new Map(used.map((feature, i) => [feature, places[i]!]));
  const sets = new SetTable('left', null);
  const added = new Map<number, number>();
  const setOf = (set: number, path: string): number => {
    const known = added.get(set);
    if (known !== undefined) return known;
    const codes = lowering.features.codesOf(set);
    const index = sets.addCategories(codes, 2 ** 24, path);
    added.set(set, index);
    return index;
  };
  const placed = sources.map((source): SourceTree => {
    const isSplit = (node: number) => source.left[node] !== -1;
    const nodes = { length: source.left.length };
    return {
      ...source,
      feature: Float64Array.from(nodes, (_, i) =>
        isSplit(i) ? placeOf.get(source.feature[i]!)! : 0,
      ),
      threshold: Float64Array.from(nodes, (_, i) =>
        isSplit(i) && source.categorical?.[i]
          ? setOf(source.threshold[i]!, source.path)
          : source.threshold[i]!,
      ),
    };
  });
  const trees: Trees = {
    ...assembleBoosting(
      placed,
      {
        features,
        outputs,
        precision,
        nonFinite: needed ? 'refuse' : 'any',
        // Leaves of −0 add up to 0, since sums start from that.
        base: new Float64Array(outputs).fill(base),
        categories: sets.categories(),
        treeOutputs,
        divisor,
        head: head ?? boosterHead(outputs, 'identity'),
        ...(single && { sums: 'float32' as const }),
      },
      lowering,
    ),
    treeWeights: weights && Float64Array.from(weights),
  };
  return head ? trees : { kind: 'answers', features, node: trees, method: 'raw', skip: 0 };
}
