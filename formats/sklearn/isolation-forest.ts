import type { Node } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { log } from '../../src/math/log.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray, lowerEach } from './estimator.js';
import { outlierHead } from './heads.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';
import { innerTree, readNodes, readTree, treeClasses } from './tree.js';
import { assembleMembers, onColumns, usedColumns } from './tree-members.js';

/** sklearn.ensemble: isolation forests */
export const isolationForestTable: LoweringTable = {
  'sklearn.ensemble._iforest.IsolationForest': lowerIsolationForest,
};

const eulerGamma = 0.5772156649015329;

/** The sum of path lengths, each lengthened by what isolating the rows of its leaf would take. */
function lowerIsolationForest(forest: Estimator): Node {
  const features = forest.features();
  const chosen = readChoices(forest, features);
  const trees = forest.children('estimators_', [treeClasses.ExtraTreeRegressor]);
  if (trees.length === 0 || trees.length !== chosen.length)
    forest.refuse('estimators_', `expected ${chosen.length} trees, found ${trees.length}`);
  const lengths = forest.has('_average_path_length_per_tree')
    ? forest.items('_average_path_length_per_tree')
    : null;
  const sources = lowerEach(trees, (tree, i): SourceTree => {
    const columns = chosen[i]!;
    const source = readTree(
      tree,
      { task: 'regressor', targets: 1, flat: true, link: 'identity' },
      columns.length,
    );
    const additions =
      lengths === null
        ? readNodes(innerTree(tree)).field('n_node_samples').map(averagePathLength)
        : readLengths(forest, lengths[i], i, source.left.length);
    return { ...onColumns(source, columns), values: pathLengths(source, additions) };
  });
  const samples = forest.integer('max_samples_');
  return assembleMembers(forest, sources, {
    outputs: 1,
    nonFinite: forest.since(1, 6) ? 'any' : 'refuse',
    base: Float64Array.of(0),
    aggregation: 'isolation',
    divisor: null,
    isolation: Float64Array.of(trees.length * averagePathLength(samples)),
    head: outlierHead({ decisionOffset: Float64Array.of(forest.number('offset_')) }),
    // Up to 1.2 only those columns were rounded to float32 that a tree was given.
    used: forest.since(1, 3) ? null : usedColumns(trees.length, (member) => chosen[member]!),
    checked: true,
  });
}

/** The columns that each tree sees: all in their order where as many are chosen as there are. */
function readChoices(forest: Estimator, features: number): Uint32Array[] {
  const whole = forest.integer('_max_features') === features;
  return lowerEach(forest.items('estimators_features_'), (item, i) => {
    const columns = isArray(item) ? toFloat64(item) : null;
    const known = columns?.every((column) => column >= 0 && column < features);
    if (!known || columns!.length !== forest.integer('_max_features'))
      return forest.refuse(
        `estimators_features_[${i}]`,
        `expected an array of columns, found ${describePython(item)}`,
      );
    return Uint32Array.from(columns!, (column, i) => (whole ? i : column));
  });
}

function readLengths(
  forest: Estimator,
  item: PyValue | undefined,
  tree: number,
  nodes: number,
): Float64Array {
  const lengths = isArray(item ?? null) ? toFloat64(item as never) : null;
  return lengths?.length === nodes && lengths.every(Number.isFinite)
    ? lengths
    : forest.refuse(`_average_path_length_per_tree[${tree}]`, `expected ${nodes} numbers`);
}

/** Nodes on the way to each node, and what is added there, less 1. */
function pathLengths({ left, right }: SourceTree, additions: Float64Array): Float64Array {
  const depths = new Float64Array(additions.length);
  // A node that is its own child, or has two parents, is found when trees are packed.
  const stack = [0];
  depths[0] = 1;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const child of [left[node]!, right[node]!]) {
      if (!(child > 0 && child < depths.length) || depths[child] !== 0) continue;
      depths[child] = depths[node]! + 1;
      stack.push(child);
    }
  }
  return depths.map((depth, node) => depth + additions[node]! - 1);
}

/** How long a path is, on average, that isolates one of so many rows. */
function averagePathLength(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (log(rows - 1) + eulerGamma) - (2 * (rows - 1)) / rows;
}
