import { double, HIGH_WORD, words } from './double-words.js';

/** ln2 in two parts; k times the first is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * log(1 + x), operation for operation as the GNU C library, and with it numpy and SciPy, computes
 * it: fdlibm's algorithm (© 1993 Sun Microsystems, Inc., freely granted provided that this notice is
 * preserved), less than one unit in the last place off. Correctly rounded it would differ from them
 * in 7 % of arguments; see docs/decisions/0002-transcendentals.md.
 */
export function log1p(x: number): number {
  if (!(x > -1 && x < Infinity)) return x === -1 ? -Infinity : x > 0 ? x : NaN;
  const size = Math.abs(x);
  if (size < 5.551115123125783e-17) return x; // 2^-54
  if (size < 1.862645149230957e-9) return x - x * x * 0.5; // 2^-29
  double[0] = x;
  const xWord = words[HIGH_WORD]!;
  let k = 0;
  let f = x;
  let mantissa = 1;
  let c = 0;
  // Outside √½ − 1 < x < √2 − 1: 1 + x = 2^k · (1 + f), the rounding error of 1 + x in c.
  if (xWord >= 0x3fda827a || (xWord < 0 && xWord > (0xbfd2bec3 | 0))) {
    let u = x;
    if (xWord < 0x43400000) u = 1 + x;
    double[0] = u;
    const word = words[HIGH_WORD]!;
    k = (word >> 20) - 1023;
    if (xWord < 0x43400000) c = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    mantissa = word & 0xfffff;
    if (mantissa < 0x6a09e) {
      words[HIGH_WORD] = mantissa | 0x3ff00000;
    } else {
      k++;
      words[HIGH_WORD] = mantissa | 0x3fe00000;
      mantissa = (0x100000 - mantissa) >> 2;
    }
    f = double[0]! - 1;
  }
  const half = 0.5 * f * f;
  if (mantissa === 0) {
    if (f === 0) return k * LN2_HIGH + (c + k * LN2_LOW);
    const r = half * (1 - 0.6666666666666666 * f);
    return k * LN2_HIGH - (r - (k * LN2_LOW + c) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const z2 = z * z;
  const z4 = z2 * z2;
  const r =
    z * 0.6666666666666735 +
    z2 * (0.3999999999940942 + z * 0.2857142874366239) +
    z4 * (0.22222198432149784 + z * 0.1818357216161805) +
    z4 * z2 * (0.15313837699209373 + z * 0.14798198605116586);
  if (k === 0) return f - (half - s * (half + r));
  return k * LN2_HIGH - (half - (s * (half + r) + (k * LN2_LOW + c)) - f);
}
