import type { Head, Labels, Node, NonFinitePolicy, Trees } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import { packTrees, type SourceTree } from '../../src/ir/pack-trees.js';
import { type Estimator, isObject, lowerEach } from './estimator.js';
import { placesOf } from './members.js';
import { elementwise } from './preprocessing.js';
import { missingPolicy, normalizeValues, readTree, treeClasses, treeHead } from './tree.js';

/**
 * The estimators of an ensemble where all are decision trees, of the ensemble's task; null where one is not. Their sums are then those of
 * one forest, to the bit, and many times as fast as estimator by estimator.
 */
export function treeMembers(owner: Estimator): Estimator[] | null {
  const classNames: readonly string[] = owner.name.endsWith('Classifier')
    ? [treeClasses.DecisionTreeClassifier, treeClasses.ExtraTreeClassifier]
    : [treeClasses.DecisionTreeRegressor, treeClasses.ExtraTreeRegressor];
  const items = owner.items('estimators_');
  const fits = items.every((item) => isObject(item) && classNames.includes(item.className));
  return fits && items.length > 0 ? owner.children('estimators_', classNames) : null;
}

/** Their trees on the ensemble's columns. A classifier's leaves have the ensemble's classes: probabilities, or what `leafOf` makes of them. */
export function readMembers(
  owner: Estimator,
  trees: readonly Estimator[],
  labels: Labels | null,
  columnsOf: (member: number) => Uint32Array | null,
  leafOf: ((member: number, leaf: Float64Array) => Float64Array) | null = null,
): SourceTree[] {
  const features = owner.features();
  return lowerEach(trees, (tree, i): SourceTree => {
    const columns = columnsOf(i);
    const head = treeHead(tree, 'identity');
    const source = onColumns(readTree(tree, head, columns?.length ?? features), columns);
    if (labels === null || head.task !== 'classifier') return source;
    const places = placesOf(owner, `estimators_[${i}]`, head.labels, labels);
    const counts = leafOf === null && !owner.since(1, 4);
    const { values } = counts ? normalizeValues(source, head.labels) : source;
    const width = places.length;
    const all = labelCount(labels);
    const nodes = values.length / width;
    const made: Float64Array[] = Array.from({ length: nodes }, (_, node) => {
      const leaf = new Float64Array(all);
      places.forEach((place, k) => {
        leaf[place] = values[node * width + k]!;
      });
      return leafOf === null ? leaf : leafOf(i, leaf);
    });
    const columnsOfLeaf = made[0]!.length;
    const wide = new Float64Array(nodes * columnsOfLeaf);
    made.forEach((leaf, node) => {
      wide.set(leaf, node * columnsOfLeaf);
    });
    return { ...source, values: wide };
  });
}

/** A tree on some columns of others. */
export const onColumns = (source: SourceTree, columns: Uint32Array | null): SourceTree =>
  columns === null
    ? source
    : {
        ...source,
        feature: Float64Array.from(source.feature, (feature) => columns[feature] ?? feature),
      };

type Facts = Pick<Trees, 'outputs' | 'base' | 'aggregation' | 'isolation' | 'divisor'> & {
  readonly head: Head;
  readonly nonFinite: NonFinitePolicy;
  /** Columns that some tree is given: others hold what they like. null for all. */
  readonly used: Uint32Array | null;
  /** Whether all columns are checked to be finite before any tree is given some. */
  readonly checked: boolean;
};

/** One forest of such trees, which sees those columns that one of them is given. */
export function assembleMembers(
  owner: Estimator,
  sources: readonly SourceTree[],
  { used, checked, ...facts }: Facts,
): Node {
  const features = owner.features();
  const { limits, keepCovers, onProgress } = owner.lowering;
  const places = new Map(used && Array.from(used, (column, i) => [column, i]));
  const seen = used === null || used.length === features ? null : used;
  const placed =
    seen === null
      ? sources
      : sources.map((source) => ({
          ...source,
          feature: Float64Array.from(source.feature, (column) => places.get(column) ?? column),
        }));
  const packed = packTrees(placed, {
    features: seen?.length ?? features,
    leafColumns: facts.outputs,
    precision: 'float32',
    categories: null,
    keepIds: false,
    keepCovers,
    limits,
    onProgress,
  });
  const trees: Trees = {
    kind: 'trees',
    ...packed,
    ...facts,
    treeOutputs: null,
    treeWeights: null,
    paths: null,
    pathsMissing: null,
    pathsNonFinite: null,
  };
  if (seen === null) return trees;
  const check = checked ? [elementwise(features, 'refuse', [])] : [];
  return {
    kind: 'pipeline',
    steps: [...check, { kind: 'select', features, columns: seen }, trees],
  };
}

/** The columns that some of the members are given, ascending; null where a member is given all. */
export function usedColumns(
  count: number,
  columnsOf: (member: number) => Uint32Array | null,
): Uint32Array | null {
  const used = new Set<number>();
  for (let member = 0; member < count; member++) {
    const columns = columnsOf(member);
    if (columns === null) return null;
    for (const column of columns) used.add(column);
  }
  return Uint32Array.from([...used].sort((a, b) => a - b));
}

/** What the trees take: all were made with the same parameters. */
export const policyOfMembers = (trees: readonly Estimator[]): NonFinitePolicy =>
  missingPolicy(trees[0]!);
