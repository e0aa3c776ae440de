import { type Numbers, startOf, viewRows } from '../input/dense.js';
import type { Linear, Node } from '../ir/index.js';
import { type VectorName, vectorNames } from '../kernels/products-code.js';
import {
  type CellArithmetic,
  createWasmMultiplier,
  createWasmSparseMultiplier,
} from '../kernels/products-wasm.js';
import type { Scorer } from './scorer.js';

/** Products that are made portably before a multiplier is, which takes about as long as they do: some models are there for one row. */
const portableProducts = 2 ** 19;
/** Products that take as long as to copy a coefficient, as an operation on a cell, and as what else is to do with a row. */
const copyProducts = 4;
const operationProducts = 4;
const rowProducts = 64;
/** Values up to this many are copied one by one, and where they are a part of an array up to more: a view of it would have to be made. */
const fewest = 16;
const fewValues = 256;

/**
 * What scores rows that pass arithmetic on their cells, if any, and a linear step, in WebAssembly; null where a step is of another kind, or could
 * hide that a cell is not finite.
 *
 * No score of a row is finite if a cell of it is not. Such rows go portably, which throws what there is to throw.
 */
export function multiplyInWasm<Scores extends Pick<Scorer, 'score'>>(
  node: Node,
  portable: Scores,
): Scores | null {
  const steps = node.kind === 'pipeline' ? node.steps : [node];
  const linear = steps[steps.length - 1]!;
  const before = readArithmetic(steps.slice(0, -1));
  if (linear.kind !== 'linear' || before === null) return null;
  const perCell = linear.outputs + operationProducts * before.length;
  let left = portableProducts + copyProducts * linear.coefficients.length;
  const dense = eachType((single) => scoreDense(before, linear, single, portable));
  const sparse = eachType((single) => scoreSparse(linear, single, portable));
  return {
    ...portable,
    score(x, out) {
      if (left > 0) left -= startOf(x, x.rows) * perCell + x.rows * rowProducts;
      if (left > 0 || x.strings || (x.indptr && before.length > 0)) return portable.score(x, out);
      return (x.indptr ? sparse : dense)(x.data instanceof Float32Array)(x, out);
    },
  };
}

type Score = Scorer['score'];

/** What is made for float32 or for float64 rows, when they first come. */
function eachType(make: (single: boolean) => Score): (single: boolean) => Score {
  let double: Score | undefined;
  let singles: Score | undefined;
  return (single) => {
    if (single) {
      singles ??= make(true);
      return singles;
    }
    double ??= make(false);
    return double;
  };
}

/** Which results of linear scores are float32, of such cells. */
function singlesOf({ coefficients, intercepts }: Linear, singleCells: boolean) {
  const singleProduct = singleCells && coefficients instanceof Float32Array;
  return { singleProduct, singleSum: singleProduct && intercepts instanceof Float32Array };
}

/** Whether the first score of a row is not finite: then a cell of the row may not be. */
function findStrange(scores: Float64Array, rows: number, outputs: number): boolean {
  for (let i = 0; i < rows * outputs; i += outputs) if (scores[i]! - scores[i]! !== 0) return true;
  return false;
}

function scoreDense(
  before: readonly Arithmetic[],
  linear: Linear,
  singleRows: boolean,
  portable: Pick<Scorer, 'score'>,
): Score {
  const { features, outputs } = linear;
  let single = singleRows;
  const operations = before.map(({ operation, operands, rounded, type }): CellArithmetic => {
    if (type !== null) single = type === 'float32';
    const own = single && rounded ? Float32Array.from(operands) : operands;
    return { operation, single, operands: own };
  });
  const singles = singlesOf(linear, single);
  const made = createWasmMultiplier({ ...linear, ...singles, operations });
  if (made === null) return portable.score;
  const { blockRows, inputs, scores, multiply } = made;
  return (x, out) => {
    for (let start = 0; start < x.rows; start += blockRows) {
      const rows = Math.min(blockRows, x.rows - start);
      copy(x.data, start * features, rows * features, inputs, 0);
      multiply(rows);
      if (findStrange(scores, rows, outputs))
        return portable.score(viewRows(x, start, x.rows), out.subarray(start * outputs));
      copy(scores, 0, rows * outputs, out, start * outputs);
    }
    return singles.singleSum;
  };
}

/** Compressed rows in blocks of as many as fit. */
function scoreSparse(linear: Linear, single: boolean, portable: Pick<Scorer, 'score'>): Score {
  const { outputs } = linear;
  const singles = singlesOf(linear, single);
  const made = createWasmSparseMultiplier({ ...linear, ...singles });
  if (made === null) return portable.score;
  const { blockRows, inputs, indices, indptr, scores, multiply } = made;
  return (x, out) => {
    const starts = x.indptr!;
    for (let start = 0, rows = 0; start < x.rows; start += rows) {
      const first = starts[start]!;
      const most = Math.min(blockRows, x.rows - start);
      rows = 0;
      while (rows < most && starts[start + rows + 1]! - first <= inputs.length) {
        rows++;
        indptr[rows] = starts[start + rows]! - first;
      }
      // No row has more cells than there are columns, unless one comes twice.
      if (rows === 0) return portable.score(x, out);
      copy(x.data, first, indptr[rows]!, inputs, 0);
      copy(x.indices!, first, indptr[rows]!, indices, 0);
      multiply(rows);
      if (findStrange(scores, rows, outputs)) return portable.score(x, out);
      copy(scores, 0, rows * outputs, out, start * outputs);
    }
    return singles.singleSum;
  };
}

interface Arithmetic {
  readonly operation: VectorName;
  readonly operands: Float64Array;
  /** Whether float32 cells meet operands rounded to float32. */
  readonly rounded: boolean;
  /** What results are stored as; null: as the cells are. */
  readonly type: 'float64' | 'float32' | null;
}

/**
 * The operations of the steps, one after another; null where there are others. What is missing is filled before anything else is done, if at all, and no
 * step before refuses it.
 */
function readArithmetic(steps: readonly Node[]): Arithmetic[] | null {
  const all: Arithmetic[] = [];
  let fillable = true;
  for (const step of steps) {
    if (step.kind !== 'elementwise' || step.type === 'uint8') return null;
    const { type } = step;
    fillable &&= step.nonFinite !== 'refuse';
    for (const one of step.operations) {
      const operation = vectorNames.find((name) => name === one.operation);
      if (!('operands' in one) || operation === undefined) return null;
      if (operation !== 'fill') fillable = false;
      else if (!fillable) return null;
      all.push({ operation, operands: one.operands, rounded: one.rounded, type });
    }
  }
  return all;
}

function copy(
  from: Numbers | Int32Array,
  start: number,
  count: number,
  to: Float64Array | Int32Array,
  at: number,
): void {
  if (count === from.length && count > fewest) to.set(from, at);
  else if (count > fewValues) to.set(from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[start + i]!;
}
