import { low } from './double-double.js';
import { expFast, STEP_HIGH, STEP_MIDDLE, TO_INTEGER } from './exp-core.js';
import { powersOfTwo, scale } from './powers-of-two.js';
import type { Round } from './rounding.js';
import { divideBySum, maximum, sequentialSum } from './softmax.js';

const steps = 2048;
const stepsPerUnit = steps / Math.LN2;
const step = 1 / stepsPerUnit;
/** Arguments are brought to within these; what is not above the first may be 0 instead. */
const least = -708.39641853226408;
const most = 709.78271289338397;

/** 2^(j/2048), each the nearest float; made when they are first needed. */
let roots: Float64Array | null = null;

/** Steps of exp's own, sixteen of these, and what is left over. */
function rootOf(j: number): number {
  const k = Math.round(j / 16);
  const top = (j / 16 - k) * STEP_HIGH;
  const bottom = (j / 16 - k) * STEP_MIDDLE;
  const high = expFast(k, top + bottom, top - (top + bottom) + bottom);
  return scale(high, low[0]!, k >> 7);
}

/**
 * e^x as CatBoost takes it: 2^(k/2048) from a table, times a cubic. To the bit what its fast exp gives, and so off e^x by up to
 * (3 · |x| + 4) · 2^-53 of it: x less k steps is what remains of two numbers of the size of x.
 */
export function tableExp(x: number): number {
  roots ??= Float64Array.from({ length: steps }, (_, j) => rootOf(j));
  const within = Math.max(Math.min(x, most), least);
  const k = within * stepsPerUnit + TO_INTEGER - TO_INTEGER;
  const t = k * step - within;
  const y = (3.0000000027955394 - t) * (t * t) * 0.16666666685227835 - t + 1;
  // Where k is rounded to that of 2^1024, there is no such float.
  return y * roots[k & (steps - 1)]! * (powersOfTwo[(k >> 11) + 1023] ?? Infinity);
}

/** How far `tableExp` may be off e^x, relatively. */
export const tableExpError = (x: number): number => (3 * Math.abs(x) + 4) * 2 ** -53;

/** Softmax by `tableExp`, added up in order. CatBoost takes exps four at a time: of those that are left over, the smallest are 0. */
export function tableSoftmax(
  values: Float64Array,
  start: number,
  count: number,
  round: Round,
): void {
  const max = maximum(values, start, count);
  const whole = count - (count % 4);
  for (let i = 0; i < count; i++) {
    const x = round(values[start + i]! - max);
    values[start + i] = x <= least && i >= whole ? 0 : round(tableExp(x));
  }
  divideBySum(values, start, count, round, sequentialSum);
}
