import { NuthatchError, quote } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import { malformed } from '../json/json.js';
import type { LinearBooster, TreeBooster, XgboostModel, XgboostTree } from './model.js';

/** Bytes, all little-endian, and a place in them. */
interface Cursor {
  readonly view: DataView;
  at: number;
}

/** Bytes of the structures, most of them reserved. */
const sizes = {
  learner: 136,
  trees: 160,
  tree: 148,
  node: 20,
  statistics: 16,
  linear: 136,
} as const;
const boosters = ['gbtree', 'dart', 'gblinear'] as const;

/** Some files begin with this word. */
const prefix = 'binf';

/** Whether the bytes look like XGBoost's binary format, which has no mark: names of an objective and of a booster are where they have to be. */
export function isXgboostBinary(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, sizes.learner + 200));
  const from = start.startsWith(prefix) ? prefix.length : 0;
  const names = start.slice(from + sizes.learner);
  return /^.\p{Cc}{7}[a-z]+:[a-z0-9]+\p{Cc}{8}(gbtree|dart|gblinear)/su.test(names);
}

/**
 * Reads the binary format, which XGBoost 0.4 to 3.0 wrote to files of any other name than `.json` and `.ubj`.
 *
 * @throws NuthatchError `malformed`, `truncated`, `limit-exceeded`, `unsupported`
 */
export function readBinary(bytes: Uint8Array, limits: Limits): XgboostModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor: Cursor = { view, at: isPrefixed(bytes) ? prefix.length : 0 };
  const learner = skip(cursor, sizes.learner);
  const field = (i: number) => view.getUint32(learner + 4 * i, true);
  const features = atMost(field(1), 1, limits.features, `byte ${learner + 4}`);
  const classes = atMost(field(2), 0, limits.classes, `byte ${learner + 8}`);
  const [major, minor] = [field(5), field(6)];
  // Before 1.0 these bytes were reserved.
  const isOld = major === 0;
  const targets = isOld ? 1 : atMost(field(7), 0, limits.classes, `byte ${learner + 28}`);
  const outputs = Math.max(1, classes, targets);
  const objective = readText(cursor, limits);
  const name = readText(cursor, limits);
  const kind = boosters.find((one) => one === name);
  if (kind === undefined) throw malformed(`byte ${cursor.at}`, `the booster ${quote(name)}`);
  const booster =
    kind === 'gblinear'
      ? readLinear(cursor, features, outputs)
      : readTrees(cursor, kind === 'dart', outputs, isOld, limits);
  const hasAttributes = field(3) !== 0;
  return {
    version: isOld ? null : [major, minor, 0],
    objective,
    features,
    outputs,
    baseScore: [view.getFloat32(learner, true)],
    baseIsMargin: isOld,
    names: [],
    attributes: hasAttributes ? readAttributes(cursor, limits) : new Map(),
    booster,
  };
}

const isPrefixed = (bytes: Uint8Array): boolean =>
  [...prefix].every((letter, i) => bytes[i] === letter.charCodeAt(0));

/** The place of the next `size` bytes, which are passed. */
function skip(cursor: Cursor, size: number): number {
  const { view, at } = cursor;
  if (size > view.byteLength - at)
    throw new NuthatchError(
      'truncated',
      `byte ${at}`,
      `${size} bytes more are expected than there are`,
    );
  cursor.at += size;
  return at;
}

function atMost(value: number, least: number, most: number, path: string): number {
  if (value >= least && value <= most) return value;
  throw malformed(path, `expected an integer from ${least} to ${most}, found ${value}`);
}

/** A number of elements of `size` bytes or more, which are compared with what is left. */
function readCount(cursor: Cursor, size: number): number {
  const count = Number(cursor.view.getBigUint64(skip(cursor, 8), true));
  if (count * size > cursor.view.byteLength - cursor.at)
    throw new NuthatchError('truncated', `byte ${cursor.at}`, `${count} elements are expected`);
  return count;
}

function readText(cursor: Cursor, limits: Limits): string {
  const length = readCount(cursor, 1);
  if (length > limits.stringBytes)
    throw new NuthatchError('limit-exceeded', `byte ${cursor.at}`, `a text of ${length} bytes`);
  const { buffer, byteOffset } = cursor.view;
  return new TextDecoder().decode(
    new Uint8Array(buffer, byteOffset + skip(cursor, length), length),
  );
}

function readFloats(cursor: Cursor, count: number): Float64Array {
  const start = skip(cursor, 4 * count);
  return Float64Array.from({ length: count }, (_, i) =>
    cursor.view.getFloat32(start + 4 * i, true),
  );
}

function readAttributes(cursor: Cursor, limits: Limits): Map<string, string> {
  const attributes = new Map<string, string>();
  // Each has the lengths of two texts.
  for (let left = readCount(cursor, 16); left > 0; left--)
    attributes.set(readText(cursor, limits), readText(cursor, limits));
  return attributes;
}

function readLinear(cursor: Cursor, features: number, outputs: number): LinearBooster {
  skip(cursor, sizes.linear);
  const count = readCount(cursor, 4);
  if (count !== (features + 1) * outputs)
    throw malformed(
      `byte ${cursor.at}`,
      `expected ${(features + 1) * outputs} weights, found ${count}`,
    );
  return { kind: 'linear', weights: readFloats(cursor, count) };
}

function readTrees(
  cursor: Cursor,
  isDart: boolean,
  outputs: number,
  isOld: boolean,
  limits: Limits,
): TreeBooster {
  const { view } = cursor;
  const start = skip(cursor, sizes.trees);
  const count = atMost(view.getInt32(start, true), 1, limits.trees, `byte ${start}`);
  // The field was that of roots before.
  const parallel = isOld ? 1 : view.getInt32(start + 4, true);
  const trees: XgboostTree[] = [];
  for (let t = 0; t < count; t++) trees.push(readTree(cursor, `trees[${t}]`, limits));
  const info = skip(cursor, 4 * count);
  const treeOutputs = Float64Array.from({ length: count }, (_, t) =>
    atMost(view.getInt32(info + 4 * t, true), 0, outputs - 1, `byte ${info + 4 * t}`),
  );
  const weights = isDart ? readFloats(cursor, readCount(cursor, 4)) : null;
  if (weights !== null && weights.length !== count)
    throw malformed(`byte ${cursor.at}`, `expected ${count} weights, found ${weights.length}`);
  return {
    kind: 'trees',
    trees,
    treeOutputs,
    weights,
    treesOfRound: outputs * Math.max(1, parallel),
    categories: [],
  };
}

/** Nodes of twenty bytes: parent, left, right, feature with the default in its highest bit, and a threshold or a value. */
function readTree(cursor: Cursor, path: string, limits: Limits): XgboostTree {
  const { view } = cursor;
  const start = skip(cursor, sizes.tree);
  const roots = view.getInt32(start, true);
  if (roots !== 1) throw new NuthatchError('unsupported', path, `a tree of ${roots} roots`);
  const count = atMost(view.getInt32(start + 4, true), 1, limits.nodes, `byte ${start + 4}`);
  const vector = view.getInt32(start + 20, true);
  if (vector !== 0 && vector !== 1)
    throw new NuthatchError('unsupported', path, 'leaves of several numbers');
  const nodes = skip(cursor, sizes.node * count);
  const statistics = skip(cursor, sizes.statistics * count);
  const fields = (offset: number) =>
    Int32Array.from({ length: count }, (_, i) =>
      view.getInt32(nodes + sizes.node * i + offset, true),
    );
  const features = fields(12);
  return {
    path,
    left: fields(4),
    right: fields(8),
    feature: features.map((feature) => feature & 0x7fffffff),
    condition: Float64Array.from({ length: count }, (_, i) =>
      view.getFloat32(nodes + sizes.node * i + 16, true),
    ),
    defaultLeft: features.map((feature) => feature >>> 31),
    categories: new Map(),
    leafColumns: 1,
    leafValues: null,
    leafOf: Number,
    hessians: Float64Array.from({ length: count }, (_, i) =>
      view.getFloat32(statistics + sizes.statistics * i + 4, true),
    ),
    deleted: view.getInt32(start + 8, true),
  };
}
