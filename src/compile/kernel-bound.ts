import type { Value } from '../input/dense.js';
import {
  isBase,
  isPair,
  type Kernel,
  type KernelBase,
  type KernelFunction,
  kernelColumns,
  operandCount,
  referenceCount,
} from '../ir/index.js';
import { ulpOf } from '../math/ulp.js';
import { compileBase, functions, isSingleBase } from './kernel.js';

/** Results of a step for a row, and how far each may be off. */
interface Results {
  readonly values: Float64Array;
  readonly errors: Float64Array;
  readonly single: boolean;
}

/**
 * How far results for rows [rows × features] may lie from ours, whose cells may be off by `error`. Sums have the bound of a dot product of
 * their own terms; each step carries that on, and adds what the C library's functions are off, and a rounding where it is given something that is off: of the
 * same numbers it makes the same.
 */
export function boundKernel(
  node: Kernel,
  { rows }: Value,
  cells: Float64Array,
  error: Float64Array | null,
  singleRows: boolean,
): Float64Array {
  const { features } = node;
  const width = kernelColumns(node);
  const out = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const start = row * features;
    const own = cells.subarray(start, start + features);
    const errors = error?.subarray(start, start + features) ?? new Float64Array(features);
    out.set(boundRow(node, own, errors, singleRows), row * width);
  }
  return out;
}

function boundRow(
  node: Kernel,
  cells: Float64Array,
  errors: Float64Array,
  singleRows: boolean,
): Float64Array {
  const waiting: Results[] = [];
  let at = 0;
  for (const step of node.steps) {
    const start = at;
    at += operandCount(step, node.features);
    const operands = node.operands.subarray(start, at);
    if (isBase(step)) {
      const single = isSingleBase(node, step, singleRows);
      const values = new Float64Array(kernelColumns(node));
      compileBase(node, step, operands, single)(cells, values);
      waiting.push({
        values,
        errors: boundBase(node, step, operands, cells, errors, values, single),
        single,
      });
    } else if (isPair(step)) {
      const b = waiting.pop()!;
      const a = waiting.pop()!;
      waiting.push(step === 'sum' ? addResults(a, b) : multiplyResults(a, b));
    } else waiting.push(changeResults(step, operands[0] ?? 0, waiting.pop()!));
  }
  return waiting[0]!.errors;
}

const square = (value: number): number => value * value;

/** For each reference, and for the row itself: twice what its own cells may be off. */
function boundBase(
  node: Kernel,
  step: KernelBase,
  operands: Float64Array,
  cells: Float64Array,
  errors: Float64Array,
  values: Float64Array,
  single: boolean,
): Float64Array {
  const { features, references } = node;
  const count = referenceCount(node);
  const unit = single ? 2 ** -24 : 2 ** -53;
  // Products below the smallest normal float32 lose their last bits.
  const tiny = single ? features * 2 ** -149 : 0;
  const scale = 8 + Math.sqrt(features);
  const length = (row: ArrayLike<number>, first: number) => {
    let sum = 0;
    for (let i = 0; i < features; i++) sum += square(row[first + i]!);
    return Math.sqrt(sum) || 1;
  };
  const ownLength = length(cells, 0);
  const ownMoves = errors.reduce((sum, error) => sum + error, 0);
  return values.map((value, k) => {
    const isOwn = k === count;
    const rows = isOwn ? cells : references;
    const first = isOwn ? 0 : k * features;
    let size = 0;
    let moved = 0;
    for (let i = 0; i < features; i++) {
      const x = cells[i]!;
      const y = rows[first + i]!;
      const error = errors[i]!;
      const difference = Math.abs(x - y);
      switch (step) {
        case 'dot':
          size += Math.abs(x * y);
          moved += error * (isOwn ? 2 * Math.abs(y) + error : Math.abs(y));
          break;
        case 'cosine': {
          size += Math.abs(x * y);
          moved += error * Math.abs(y);
          break;
        }
        case 'squared-distance':
          size += square(Math.abs(x) + Math.abs(y));
          moved += error * (2 * difference + error);
          break;
        case 'squared-differences': {
          const factor = 1 / Math.abs(operands[i]!);
          size += square(difference * factor);
          moved += error * factor * (2 * difference * factor + error * factor);
          break;
        }
        case 'differences':
          size += square(difference);
          moved += error * (2 * difference + error);
          break;
        case 'manhattan':
          size += difference;
          moved += error;
          break;
        case 'additive-chi2':
          // No steeper than 3, as no cell is negative.
          size += x + y > 0 ? square(difference) / (x + y) : 0;
          moved += 3 * error;
          break;
      }
    }
    switch (step) {
      case 'constant':
      case 'noise':
        return 0;
      case 'cosine': {
        // Both norms have the bound of `row-norm`, and the row's moves with its cells.
        const lengths = ownLength * length(rows, first);
        return (
          ((scale + 2 * (10 + Math.sqrt(features))) * unit * size + moved) / lengths +
          (Math.abs(value) * ownMoves) / ownLength
        );
      }
      case 'squared-distance':
      case 'additive-chi2':
        if (isOwn) return 0;
        // Found in float64, rounded to float32.
        return scale * 2 ** -53 * size + moved + (single ? 2 * unit * Math.abs(value) : 0);
      default:
        return isOwn && step !== 'dot' ? 0 : scale * unit * size + moved + tiny;
    }
  });
}

/** A step of a float at a result. */
const stepOf = (value: number, single: boolean): number => ulpOf(value) * (single ? 2 ** 29 : 1);

function combine(
  a: Results,
  b: Results,
  evaluate: (a: number, b: number) => number,
  errorOf: (a: number, b: number, errorA: number, errorB: number) => number,
): Results {
  const single = a.single && b.single;
  const values = a.values.map((value, i) => evaluate(value, b.values[i]!));
  const errors = values.map((value, i) => {
    const error = errorOf(a.values[i]!, b.values[i]!, a.errors[i]!, b.errors[i]!);
    return error === 0 ? 0 : error + stepOf(value, single);
  });
  return { values, errors, single };
}

const addResults = (a: Results, b: Results): Results =>
  combine(
    a,
    b,
    (x, y) => x + y,
    (_x, _y, errorX, errorY) => errorX + errorY,
  );

const multiplyResults = (a: Results, b: Results): Results =>
  combine(
    a,
    b,
    (x, y) => x * y,
    (x, y, errorX, errorY) => Math.abs(x) * errorY + Math.abs(y) * errorX + errorX * errorY,
  );

/** How many steps the C library may be off, beside ours, which are correctly rounded; numpy's float32 exp is four. */
const stepsOff: { readonly [F in KernelFunction]?: number } = {
  power: 1,
  exp: 1,
  log: 1,
  tanh: 1,
  sin: 1,
  'matern-3/2': 2,
  'matern-5/2': 2,
};

/** Functions that are not defined below 0. */
const fromZero: readonly KernelFunction[] = ['sqrt', 'matern-3/2', 'matern-5/2'];

function changeResults(
  step: KernelFunction,
  operand: number,
  { values, errors, single }: Results,
): Results {
  const round = single ? Math.fround : Number;
  const evaluate = (value: number) => round(functions[step](value, round(operand)));
  const found = values.map(evaluate);
  const off = (stepsOff[step] ?? 0) * (single ? 4 : 1);
  // As many roundings as factors.
  const roundings = step === 'integer-power' ? operand : 2;
  return {
    values: found,
    single,
    errors: found.map((result, i) => {
      const error = errors[i]!;
      const own = off * stepOf(result, single);
      if (error === 0) return own;
      const value = values[i]!;
      const low = fromZero.includes(step) ? Math.max(value - error, 0) : value - error;
      // Of a power, what lies between may be 0.
      const moves = [value + error, low].map(evaluate).map(
        // Infinities are alike.
        (moved) => (moved === result ? 0 : Math.abs(moved - result)),
      );
      if (step === 'sin') moves.push(error);
      return own + Math.max(...moves) + roundings * stepOf(result, single);
    }),
  };
}
