import { NuthatchError } from '../../src/errors.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { type JsonMap, list, malformed, own } from '../json/json.js';
import type { PyArray, PyObject } from '../sklearn/python.js';
import { arrayOf, type Numbers, readNumbers, toArray } from './lists.js';
import { objectOf } from './objects.js';

/** What the trees of a file say about the scikit-learn that fitted them: `missing_go_to_left` came with 1.3. */
export type NodeKinds = 'iiiffif' | 'iiiffifu';

/** Fields of a node in the file's order, which are those of the `Tree` of scikit-learn 1.3. */
const fields = [
  'left_child',
  'right_child',
  'feature',
  'threshold',
  'impurity',
  'n_node_samples',
  'weighted_n_node_samples',
  'missing_go_to_left',
] as const;

/** What a tree has to know of the estimator it is in. */
export interface TreeOwner {
  readonly features: number;
  readonly outputs: number;
  readonly classifier: boolean;
}

export interface TreeTable {
  readonly tree: PyObject;
  readonly kinds: NodeKinds;
}

/** `tree_` of a decision tree: what `Tree.__getstate__` returns, its arrays as lists, and the dtypes of the fields of a node. */
export function readTree(
  map: JsonMap,
  { features, outputs, classifier }: TreeOwner,
  path: string,
): TreeTable {
  const kinds = readKinds(map, path);
  const nodes = readNodes(map, kinds.length, path);
  const values = readNumbers(own(map, 'values'), [3], `${path}.values`);
  if (own(map, 'node_count') !== nodes.shape[0] || values.shape[0] !== nodes.shape[0])
    throw malformed(path, 'node_count, nodes and values differ in length');
  if (classifier) checkCounts(nodes, values, path);
  const state = [
    ['nodes', structuredArray(nodes)],
    ['values', toArray(values)],
  ] as const;
  // The number of classes in the middle is in the values' shape.
  const args = [features, null, outputs];
  return { tree: objectOf('sklearn.tree._tree.Tree', state, args), kinds };
}

/** Numbers are text here, so of the dtypes only what they are for matters, not their widths or byte order. */
function readKinds(map: JsonMap, path: string): NodeKinds {
  const dtypes = list(map, 'nodes_dtype', path);
  const kinds = dtypes.map((dtype) => (typeof dtype === 'string' ? dtype[1] : '?')).join('');
  if (kinds !== 'iiiffif' && kinds !== 'iiiffifu')
    throw malformed(`${path}.nodes_dtype`, 'expected the node of a scikit-learn up to 1.3');
  return kinds;
}

function readNodes(map: JsonMap, width: number, path: string): Numbers {
  const nodes = readNumbers(own(map, 'nodes'), [2], `${path}.nodes`);
  if (nodes.shape[1] !== width)
    throw malformed(`${path}.nodes`, `expected ${width} numbers a node, found ${nodes.shape[1]}`);
  return nodes;
}

/** All fields are float64: what the lowering expects of a child or a feature it checks on the number. */
function structuredArray({ shape, values }: Numbers): PyArray {
  const [count, width] = shape as [number, number];
  const names = fields.slice(0, width);
  const dtype = {
    names,
    formats: names.map(() => '<f8'),
    offsets: names.map((_, i) => i * 8),
    itemsize: width * 8,
  };
  return arrayOf(dtype, [count], toArray({ shape, values }).bytes);
}

/** Up to scikit-learn 1.3 a classifier's values are weights of training rows, which add up to the node's; later they add up to 1. */
function checkCounts(nodes: Numbers, values: Numbers, path: string): void {
  const root = values.values.subarray(0, values.shape[1]! * values.shape[2]!);
  const sum = pairwiseSum(root, 0, root.length);
  const weight = nodes.values[fields.indexOf('weighted_n_node_samples')]!;
  if (Math.abs(sum - weight) <= 1e-6 * Math.abs(weight)) return;
  throw new NuthatchError(
    'unsupported-version',
    `${path}.values`,
    `the root's values add up to ${sum} and not to its weight of ${weight}: they are not what scikit-learn has up to 1.3, for which this format was made`,
  );
}
