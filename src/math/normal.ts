import { erf, erfcFar, timesRational } from './erf.js';
import { log } from './log.js';

/**
 * The normal distribution and its inverse, each by SciPy's steps: rational approximations from Moshier's Cephes library, so that where no
 * logarithm is taken, and no exp, the bits are SciPy's.
 */

/** How much of the normal distribution lies below `a`: SciPy's ndtr, whose exp may be a step off. */
export function ndtr(a: number): number {
  const x = a * Math.SQRT1_2;
  const size = Math.abs(x);
  if (!(size >= 1)) return 0.5 + 0.5 * erf(x);
  const tail = 0.5 * erfcFar(size);
  return x > 0 ? 1 - tail : tail;
}

const middleNumerator = [
  -59.96335010141079, 98.00107541859997, -56.67628574690703, 13.931260938727968,
  -1.2391658386738125,
];
const middleDenominator = [
  1.9544885833814176, 4.676279128988815, 86.36024213908905, -225.46268785411937, 200.26021238006066,
  -82.03722561683334, 15.90562251262117, -1.1833162112133,
];
const sideNumerator = [
  4.0554489230596245, 31.525109459989388, 57.16281922464213, 44.08050738932008, 14.684956192885803,
  2.1866330685079025, -0.1402560791713545, -0.03504246268278482, -0.0008574567851546854,
];
const sideDenominator = [
  15.779988325646675, 45.39076351288792, 41.3172038254672, 15.04253856929075, 2.504649462083094,
  -0.14218292285478779, -0.03808064076915783, -0.0009332594808954574,
];
const endNumerator = [
  3.2377489177694603, 6.915228890689842, 3.9388102529247444, 1.3330346081580755,
  0.20148538954917908, 0.012371663481782003, 0.00030158155350823543, 2.6580697468673755e-6,
  6.239745391849833e-9,
];
const endDenominator = [
  6.02427039364742, 3.6798356385616087, 1.3770209948908132, 0.21623699359449663,
  0.013420400608854318, 0.00032801446468212774, 2.8924786474538068e-6, 6.790194080099813e-9,
];
const ROOT_OF_TWO_PI = 2.5066282746310007;
/** e⁻² */
const SIDE = 0.1353352832366127;

/** The inverse of `ndtr`: SciPy's ndtri, whose logarithms may be a step off. −Infinity of 0, Infinity of 1, NaN of what is not between. */
export function ndtri(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  const isHigh = p > 1 - SIDE;
  const y = isHigh ? 1 - p : p;
  if (y > SIDE) {
    const d = y - 0.5;
    const square = d * d;
    const rest = timesRational(square, middleNumerator, middleDenominator, square);
    return (d + d * rest) * ROOT_OF_TWO_PI;
  }
  const x = Math.sqrt(-2 * log(y));
  const z = 1 / x;
  const [numerator, denominator] =
    x < 8 ? [sideNumerator, sideDenominator] : [endNumerator, endDenominator];
  const found = x - log(x) / x - timesRational(z, numerator, denominator, z);
  return isHigh ? found : -found;
}
