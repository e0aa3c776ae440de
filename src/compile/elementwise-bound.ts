import type { CurveOperation, Operation, PowerTransform } from '../ir/index.js';
import { log } from '../math/log.js';
import { log1p } from '../math/near-one.js';
import { ulpOf } from '../math/ulp.js';

/**
 * How far what an operation makes of cells [rows × features], `found`, may be off by its own functions. Ours are correctly rounded; the C library's
 * expm1 and log1p are up to 0.68 steps off, which is two just below a power of two. null where nothing may be off.
 */
export function ownErrors(
  one: Operation | CurveOperation,
  cells: Float64Array,
  found: Float64Array,
  single: boolean,
): Float64Array | null {
  // numpy's own float32 functions are up to 3.77 steps off, its float64 ones one.
  const step = single ? 4 * 2 ** 29 : 1;
  if ('lambdas' in one) {
    const { length } = one.lambdas;
    return found.map(
      (result, i) =>
        step * (4 * ulpOf(result) + ownOfPower(one, one.lambdas[i % length]!, cells[i]!, result)),
    );
  }
  const steps = stepsOf[one.operation];
  if (steps === undefined) return null;
  // float32 e⁻ˣ overflows where 1 / (1 + e⁻ˣ) would be below 2⁻¹²⁸; steps of numbers as small as that are all 2⁻¹⁴⁹.
  const least = single ? (one.operation === 'expit' ? 2 ** -128 : 2 ** -149) : 0;
  return found.map((result) => steps * (step * ulpOf(result) + least));
}

/** `ndtri` subtracts from a root of a logarithm, which is at most twice as large as what is left. */
const stepsOf: { readonly [operation: string]: number } = {
  exp: 1,
  exp2: 1,
  log: 1,
  expm1: 2,
  sin: 2,
  cos: 2,
  log1p: 2,
  tanh: 1,
  expit: 3,
  sublinear: 2,
  ndtr: 3,
  ndtri: 4,
};

/** Beyond steps of the result: what steps of the logarithm, of its product with the power, and of the power itself become. */
function ownOfPower(
  { operation }: PowerTransform,
  lambda: number,
  x: number,
  result: number,
): number {
  const step = 2 ** -52;
  const power = operation.endsWith('box-cox') || x >= 0 ? lambda : 2 - lambda;
  const size = Math.abs(result);
  switch (operation) {
    case 'box-cox':
      return (size * Math.abs(power) + 1) * Math.abs(log(x)) * 4 * step;
    case 'yeo-johnson':
      return (size * Math.abs(power) + 1) * log1p(Math.abs(x)) * 4 * step;
    case 'yeo-johnson-power':
      return Math.abs(power) <= step ? 0 : (size + 1 / Math.abs(power)) * step;
    case 'inverse-yeo-johnson-power':
      return (size + 1) * step;
    case 'inverse-box-cox':
      return size * (Math.abs(log(size)) + 1) * 4 * step || 0;
    default:
      return 0;
  }
}
