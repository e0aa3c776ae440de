import type { GaussianProcess } from '../ir/index.js';
import { ulpOf } from '../math/ulp.js';
import { probabilityOf, solve } from './gaussian-process.js';

/** How far the answers to rows of covariances may lie from ours. */
interface Bounds {
  readonly error: Float64Array;
  readonly deviations: Float64Array | null;
  readonly probabilities: Float64Array | null;
}

const unit = 2 ** -53;

/**
 * Means have the bound of a dot product. What is solved with the triangle L is off by |L⁻¹| · (c · u · |L| · |v| + e), e being what the covariances are off
 * (Higham, Accuracy and Stability of Numerical Algorithms, 8.1), with the c of a dot product; the variance moves with it.
 */
export function boundGaussianProcess(
  node: GaussianProcess,
  cells: Float64Array,
  error: Float64Array | null,
): Bounds {
  const { features, outputs, coefficients, scales, offsets, weights, head } = node;
  const count = features - 1;
  const rows = cells.length / features;
  const scale = (8 + Math.sqrt(count)) * unit;
  const errors = new Float64Array(rows * outputs);
  const isRegressor = head.task === 'regressor';
  const deviations = isRegressor ? new Float64Array(rows * outputs) : null;
  const probabilities = isRegressor ? null : new Float64Array(rows * 2);
  const inverse = invert(node, count);
  const v = new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    const start = row * features;
    const covariances = cells.subarray(start, start + count);
    const moves = Array.from({ length: features }, (_, i) => error?.[start + i] ?? 0);
    for (let k = 0; k < outputs; k++) {
      let size = 0;
      let moved = 0;
      let mean = 0;
      for (let i = 0; i < count; i++) {
        const weight = coefficients[k * count + i]!;
        mean += covariances[i]! * weight;
        size += Math.abs(covariances[i]! * weight);
        moved += moves[i]! * Math.abs(weight);
      }
      const result = scales[k]! * mean + offsets[k]!;
      errors[row * outputs + k] =
        Math.abs(scales[k]!) * (scale * size + moved + ulpOf(mean)) + 2 * ulpOf(result);
    }
    solve(node, covariances, v);
    const { variance, bound } = boundVariance(node, v, inverse, moves, cells[start + count]!);
    if (deviations) {
      for (let k = 0; k < outputs; k++) {
        const factor = Math.abs(scales[k]!);
        const high = Math.sqrt(Math.max(variance + bound, 0));
        const low = Math.sqrt(Math.max(variance - bound, 0));
        deviations[row * outputs + k] = factor * (high - low) + 4 * ulpOf(factor * high);
      }
    } else if (probabilities) {
      const most = boundProbability(meanOf(node, covariances), errors[row]!, variance, bound);
      probabilities.fill(most, 2 * row, 2 * row + 2);
    }
  }
  return { error: errors, deviations, probabilities };

  /** The row's variance, and how far it may be off. */
  function boundVariance(
    { factor }: GaussianProcess,
    v: Float64Array,
    inverse: Float64Array,
    moves: readonly number[],
    own: number,
  ): { variance: number; bound: number } {
    const residuals = new Float64Array(count);
    let at = 0;
    for (let i = 0; i < count; i++) {
      let size = 0;
      for (let j = 0; j <= i; j++) size += Math.abs(factor[at++]! * v[j]!);
      const weight = Math.abs(weights?.[i] ?? 1);
      // Both sides round the product with the weight, too.
      residuals[i] = 2 * scale * size + weight * moves[i]!;
    }
    let sum = 0;
    let moved = 0;
    at = 0;
    for (let i = 0; i < count; i++) {
      let off = 0;
      for (let j = 0; j <= i; j++) off += inverse[at++]! * residuals[j]!;
      sum += v[i]! * v[i]!;
      moved += off * (2 * Math.abs(v[i]!) + off);
    }
    const bound = moved + scale * sum + moves[count]! + ulpOf(own);
    return { variance: own - sum, bound };
  }
}

function meanOf({ coefficients }: GaussianProcess, covariances: Float64Array): number {
  return covariances.reduce((sum, covariance, i) => sum + covariance * coefficients[i]!, 0);
}

/** Sizes of the cells of L⁻¹, packed as L is. */
function invert(node: GaussianProcess, count: number): Float64Array {
  const result = new Float64Array(node.factor.length);
  const column = new Float64Array(count);
  const one = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    one.fill(0);
    one[j] = 1;
    solve({ ...node, weights: null }, one, column);
    for (let i = j; i < count; i++) result[(i * (i + 1)) / 2 + j] = Math.abs(column[i]!);
  }
  return result;
}

/** What a probability moves with its mean and variance, and what its five terms, of several thousand, round: each of about eight operations. */
function boundProbability(mean: number, error: number, variance: number, bound: number): number {
  const rounding = 3866 * 16 * unit;
  const found = probabilityOf(mean, variance);
  const corners = [-1, 1].flatMap((a) =>
    [-1, 1].map((b) => probabilityOf(mean + a * error, variance + b * bound)),
  );
  const moved = Math.max(...corners.map((corner) => Math.abs(corner - found)));
  return 2 * rounding + moved;
}
