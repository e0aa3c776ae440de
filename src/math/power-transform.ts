import { exp } from './exp.js';
import { log } from './log.js';
import { expm1, log1p } from './near-one.js';
import { pow } from './pow.js';
import type { Round } from './rounding.js';

/** How numbers are rounded: each step, those that know no λ (float32 cells' are where λ is float64), and those of λ alone. */
export interface Rounding {
  readonly step: Round;
  readonly first: Round;
  readonly lambda: Round;
}

/** Power transforms of a number, step by step as scikit-learn and SciPy do them. Logarithms, exps and powers may each be a unit off. */
export type PowerTransformFunction = (x: number, lambda: number, rounding: Rounding) => number;

/** SciPy's boxcox, which rounds nothing but its result. */
export const boxCox: PowerTransformFunction = (x, unrounded, { step }) => {
  const lambda = step(unrounded);
  const logarithm = log(x);
  if (Math.abs(lambda) < 1e-19) return logarithm;
  const power = lambda * logarithm;
  return power < 709.78
    ? expm1(power) / lambda
    : Math.sign(lambda) * exp(power - log(Math.abs(lambda))) - 1 / lambda;
};

/** SciPy's inv_boxcox. */
export const inverseBoxCox: PowerTransformFunction = (x, unrounded, { step }) => {
  const lambda = step(unrounded);
  if (lambda === 0) return exp(x);
  const product = lambda * x;
  return product < 1.79e308
    ? exp(log1p(product) / lambda)
    : exp((log(Math.sign(lambda) * (x + 1 / lambda)) + log(Math.abs(lambda))) / lambda);
};

/** scikit-learn's up to 1.5. */
export const inverseBoxCoxPower: PowerTransformFunction = (
  x,
  lambda,
  { step, first, lambda: own },
) =>
  lambda === 0 ? first(exp(x)) : step(pow(step(step(x * step(lambda)) + 1), step(own(1 / lambda))));

/** SciPy's yeojohnson. */
export const yeoJohnson: PowerTransformFunction = (x, lambda, rounding) =>
  ofEitherSign(x, lambda, rounding, (size, power) => {
    const { step, first } = rounding;
    const logarithm = first(log1p(size));
    return isZero(x, power, step === Math.fround ? 2 ** -23 : EPSILON)
      ? logarithm
      : step(step(expm1(step(power * logarithm))) / power);
  });

/** scikit-learn's up to 1.8. */
export const yeoJohnsonPower: PowerTransformFunction = (x, lambda, rounding) =>
  ofEitherSign(x, lambda, rounding, (size, power) => {
    const { step, first } = rounding;
    return isZero(x, power, EPSILON)
      ? first(log1p(size))
      : step(step(step(pow(first(size + 1), power)) - 1) / power);
  });

export const inverseYeoJohnsonPower: PowerTransformFunction = (x, lambda, rounding) =>
  ofEitherSign(x, lambda, rounding, (size, power) => {
    const { step, first, lambda: own } = rounding;
    return isZero(x, power, EPSILON)
      ? first(first(exp(size)) - 1)
      : step(step(pow(step(step(size * power) + 1), step(own(1 / power)))) - 1);
  });

const EPSILON = 2 ** -52;

/** Numbers below 0, and NaN, are the mirror image of those above, with the power 2 − λ. */
function ofEitherSign(
  x: number,
  lambda: number,
  { step, lambda: own }: Rounding,
  transform: (size: number, power: number) => number,
): number {
  return x >= 0 ? transform(x, step(lambda)) : -transform(-x, step(own(2 - lambda)));
}

/** Whether a power counts as 0: `least` itself does below 0 alone. */
const isZero = (x: number, power: number, least: number): boolean =>
  x >= 0 ? Math.abs(power) < least : Math.abs(power) <= least;
