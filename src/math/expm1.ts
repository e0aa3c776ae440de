import { powersOfTwo } from './powers-of-two.js';

/** ln2 in two parts; k times the first is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * e^x − 1, operation for operation as the GNU C library, and with it numpy and SciPy, computes it:
 * fdlibm's algorithm (© 1993 Sun Microsystems, Inc., freely granted provided that this notice is
 * preserved), less than one unit in the last place off. Correctly rounded it would differ from them
 * in 7 % of arguments; see docs/decisions/0002-transcendentals.md.
 */
export function expm1(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x <= -38.8) return -1;
  const size = Math.abs(x);
  if (!(size >= 5.551115123125783e-17)) return x; // 2^-54, or NaN
  let k = 0;
  let r = x;
  let c = 0;
  if (size >= 0.3465735912322998) {
    // x = k·ln2 + r, |r| ≤ ln2/2, the rounding error of r in c.
    const sign = x < 0 ? -1 : 1;
    k = size < 1.0397205352783203 ? sign : Math.trunc(Math.LOG2E * x + 0.5 * sign);
    const high = x - k * LN2_HIGH;
    const low = k * LN2_LOW;
    r = high - low;
    c = high - r - low;
  }
  const half = 0.5 * r;
  const z = r * half;
  const z2 = z * z;
  const r1 =
    1 +
    z * -0.03333333333333313 +
    z2 * (0.0015873015872548146 + z * -0.0000793650757867488) +
    z2 * z2 * (0.000004008217827329362 + z * -2.0109921818362437e-7);
  const t = 3 - r1 * half;
  let e = z * ((r1 - t) / (6 - r * t));
  if (k === 0) return r - (r * e - z);
  e = r * (e - c) - c - z;
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
  // In two steps, as 2^1024 is no double.
  const power = powersOfTwo[k + 1022]!;
  if (k <= -2 || k > 56) return (1 - (e - r)) * power * 2 - 1;
  const inverse = powersOfTwo[1023 - k]!;
  if (k < 20) return (1 - inverse - (e - r)) * power * 2;
  return (r - (e + inverse) + 1) * power * 2;
}
