import { readdirSync, readFileSync } from 'node:fs';
import type { MatrixLike } from '../../src/input/matrix.js';
import type { CategorySets, NonFinitePolicy, Trees } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';

/** Readers of `fixtures/ir`; its make.py says what the files hold. */

const folder = new URL('../../fixtures/ir/', import.meta.url);

interface Encoded {
  readonly dtype: keyof typeof types;
  readonly shape: readonly number[];
  readonly base64: string;
}

const types = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

function decode({ dtype, base64 }: Encoded) {
  return new types[dtype](Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

function decodeFloats(encoded: Encoded): Float32Array | Float64Array {
  const values = decode(encoded);
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  throw new Error(`expected floats, found ${encoded.dtype}`);
}

function decodeMatrix(encoded: Encoded): MatrixLike {
  const [rows, cols] = encoded.shape;
  return { data: decodeFloats(encoded), rows: rows!, cols: cols! };
}

/** An ensemble as its library has it, with rows that its library answered. */
export interface Forest {
  readonly name: string;
  readonly trees: readonly SourceTree[];
  readonly categories: CategorySets | null;
  readonly features: number;
  readonly outputs: number;
  readonly leafColumns: number;
  readonly precision: Trees['precision'];
  readonly nonFinite: NonFinitePolicy;
  readonly aggregation: Trees['aggregation'];
  readonly treeOutputs: Uint8Array | null;
  readonly treeWeights: Float64Array | null;
  readonly base: Float64Array | null;
  readonly cases: readonly ForestCase[];
}

export interface ForestCase {
  readonly name: string;
  /** The columns that the trees see, where they are not all in order. */
  readonly columns: readonly number[] | null;
  readonly x: MatrixLike;
  /** [rows × outputs] */
  readonly raw: Float64Array;
  /** The library's id of each row's leaf in each tree. [rows × trees] */
  readonly leaves: ArrayLike<number>;
}

export function readForests(): Forest[] {
  const files = readdirSync(new URL('forests/', folder)).sort();
  return files.map((file) => readForest(file.replace('.json', '')));
}

export function readForest(name: string): Forest {
  const file = JSON.parse(readFileSync(new URL(`forests/${name}.json`, folder), 'utf8'));
  const numbers = (encoded: Encoded | undefined) =>
    encoded === undefined ? null : Array.from(decode(encoded));
  const { left, right, feature, threshold, missingLeft, values } = file.nodes;
  const nodes = {
    left: numbers(left)!,
    right: numbers(right)!,
    feature: numbers(feature)!,
    threshold: numbers(threshold)!,
    missingLeft: numbers(missingLeft)!,
    values: decode(values) as Float64Array,
  };
  const categorical = numbers(file.categorical);
  const starts = numbers(file.starts)!;
  if (categorical !== null) {
    const bitset = numbers(file.bitset)!;
    const bitsetStarts = numbers(file.bitsetStarts)!;
    for (let t = 0; t + 1 < starts.length; t++) {
      for (let i = starts[t]!; i < starts[t + 1]!; i++)
        if (categorical[i] === 1) nodes.threshold[i] = bitsetStarts[t]! + bitset[i]!;
    }
  }
  return {
    name,
    features: file.features,
    outputs: file.outputs,
    leafColumns: file.leafColumns,
    precision: file.precision,
    nonFinite: file.nonFinite,
    aggregation: file.aggregation,
    treeOutputs: file.treeOutputs === undefined ? null : (decode(file.treeOutputs) as Uint8Array),
    treeWeights: file.treeWeights === undefined ? null : (decode(file.treeWeights) as Float64Array),
    base: file.base === undefined ? null : (decode(file.base) as Float64Array),
    categories: categorical === null ? null : readSets(file, nodes, categorical),
    trees: starts.slice(0, -1).map((start, t) => {
      const end = starts[t + 1]!;
      return {
        left: nodes.left.slice(start, end),
        right: nodes.right.slice(start, end),
        feature: nodes.feature.slice(start, end),
        threshold: nodes.threshold.slice(start, end),
        missingLeft: nodes.missingLeft.slice(start, end),
        categorical: categorical?.slice(start, end) ?? null,
        values: nodes.values.slice(start * file.leafColumns, end * file.leafColumns),
        covers: null,
        path: `trees[${t}]`,
      };
    }),
    cases: file.cases.map(readCase),
  };
}

/** One set a split: what goes left, and of the feature's known categories the rest, which goes right. */
function readSets(
  file: { leftBitsets: Encoded; knownBitsets: Encoded; knownRow: Encoded },
  nodes: { threshold: readonly number[]; feature: readonly number[] },
  categorical: readonly number[],
): CategorySets {
  const left = decode(file.leftBitsets);
  const known = decode(file.knownBitsets);
  const knownRow = decode(file.knownRow);
  const width = file.leftBitsets.shape[1]!;
  const sets = file.leftBitsets.shape[0]!;
  const words = new Uint32Array(sets * width * 2);
  categorical.forEach((is, i) => {
    if (is === 0) return;
    const set = nodes.threshold[i]!;
    const row = knownRow[nodes.feature[i]!]!;
    for (let w = 0; w < width; w++) {
      const goesLeft = left[set * width + w]!;
      words[set * 2 * width + w] = goesLeft;
      words[(set * 2 + 1) * width + w] = known[row * width + w]! & ~goesLeft;
    }
  });
  const starts = Uint32Array.from({ length: sets + 1 }, (_, set) => set * 2 * width);
  return { starts, words, unlisted: new Uint8Array(sets).fill(2), reading: null };
}

interface Sparse {
  readonly shape: readonly [number, number];
  readonly indptr: Encoded;
  readonly indices: Encoded;
  readonly data: Encoded;
}

function readCase(item: {
  name: string;
  columns?: number[];
  X?: Encoded;
  sparse?: Sparse;
  raw: Encoded;
  leaves: Encoded;
}): ForestCase {
  return {
    name: item.name,
    columns: item.columns ?? null,
    x: item.X === undefined ? fromSparse(item.sparse!) : decodeMatrix(item.X),
    raw: decode(item.raw) as Float64Array,
    leaves: decode(item.leaves),
  };
}

function fromSparse({ shape: [rows, cols], ...entries }: Sparse): MatrixLike {
  const [indptr, indices, values] = [entries.indptr, entries.indices, entries.data].map(decode);
  const data = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let i = indptr![row]!; i < indptr![row + 1]!; i++)
      data[row * cols + indices![i]!] = values![i]!;
  }
  return { data, rows, cols };
}

export interface LinearCase {
  readonly x: MatrixLike;
  readonly coefficients: Float32Array | Float64Array;
  readonly intercepts: Float32Array | Float64Array;
  /** X · coefficientsᵀ + intercepts in numpy's own dtype. */
  readonly scores: Float32Array | Float64Array;
}

export function readLinearCases(): LinearCase[] {
  const file = JSON.parse(readFileSync(new URL('linear.json', folder), 'utf8'));
  return file.cases.map((item: Record<'X' | keyof LinearCase, Encoded>) => ({
    x: decodeMatrix(item.X),
    coefficients: decodeFloats(item.coefficients),
    intercepts: decodeFloats(item.intercepts),
    scores: decodeFloats(item.scores),
  }));
}
