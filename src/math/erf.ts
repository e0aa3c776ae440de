import { exp } from './exp.js';

/**
 * The error function, by the rational approximations of Cody (1969) that SciPy's has, too, evaluated as it does: near 1 that is up to three units off,
 * and the same three.
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= 1) {
    const square = x * x;
    return timesRational(x, nearZero, belowNearZero, square);
  }
  const complement = erfcFar(size);
  return x < 0 ? complement - 1 : x > 0 ? 1 - complement : x;
}

/** 1 − erf(x), x ≥ 1. */
export function erfcFar(x: number): number {
  // exp of less is 0.
  if (-x * x < -709.782712893384) return 0;
  const [above, below] =
    x < 8 ? [complementary, belowComplementary] : [farComplementary, belowFarComplementary];
  return timesRational(exp(-x * x), above, below, x);
}

/** A factor times a rational function; the highest power below has the coefficient 1, which is not listed. */
export const timesRational = (
  factor: number,
  above: readonly number[],
  below: readonly number[],
  x: number,
): number => (factor * evaluate(above, x, 0)) / evaluate(below, x, 1);

/** The polynomial with these coefficients, the highest power first, after `first` if that is not 0. */
function evaluate(coefficients: readonly number[], x: number, first: number): number {
  let result = first;
  for (const coefficient of coefficients) result = result * x + coefficient;
  return result;
}

const nearZero = [
  9.604973739870516, 90.02601972038427, 2232.005345946843, 7003.325141128051, 55592.30130103949,
];
const belowNearZero = [
  33.56171416475031, 521.3579497801527, 4594.323829709801, 22629.000061389095, 49267.39426086359,
];
const complementary = [
  2.461969814735305e-10, 0.5641895648310689, 7.463210564422699, 48.63719709856814,
  196.5208329560771, 526.4451949954773, 934.5285271719576, 1027.5518868951572, 557.5353353693994,
];
const belowComplementary = [
  13.228195115474499, 86.70721408859897, 354.9377788878199, 975.7085017432055, 1823.9091668790973,
  2246.3376081871097, 1656.6630919416134, 557.5353408177277,
];
const farComplementary = [
  0.5641895835477551, 1.275366707599781, 5.019050422511805, 6.160210979930536, 7.4097426995044895,
  2.9788666537210022,
];
const belowFarComplementary = [
  2.2605286322011726, 9.396035249380015, 12.048953980809666, 17.08144507475659, 9.608968090632859,
  3.369076451000815,
];
