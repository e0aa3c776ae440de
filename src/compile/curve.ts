import { refuse } from '../errors.js';
import { isSingle, type Numbers, placeOf, type Value } from '../input/dense.js';
import {
  type Curve,
  type CurveOperation,
  curveRules,
  type PowerTransform,
  type PowerTransformName,
  type Within,
} from '../ir/index.js';
import { ndtr, ndtri } from '../math/normal.js';
import {
  boxCox,
  inverseBoxCox,
  inverseBoxCoxPower,
  inverseYeoJohnsonPower,
  type PowerTransformFunction,
  yeoJohnson,
  yeoJohnsonPower,
} from '../math/power-transform.js';
import { rounding } from '../math/rounding.js';
import { floatsOf } from './buffer.js';
import { interpolate } from './interpolate.js';
import type { NodeKind } from './kind.js';

export const curve: NodeKind<Curve> = {
  rules: curveRules,
  transform:
    ({ operations }, out) =>
    (x) => {
      let value = x;
      for (const one of operations) {
        bend(one, value, out.shapeLike(value, floatsOf(x)));
        value = out;
      }
      return value;
    },
};

/** Writes what becomes of each cell of `x`. A result is rounded once more, when it is stored. */
function bend(one: CurveOperation, x: Value, to: Numbers): void {
  if ('places' in one) interpolate(one, x, to);
  else if ('lambdas' in one) transformPowers(one, x, to);
  else if ('lows' in one) checkRange(one, x, to);
  else {
    const evaluate = one.operation === 'ndtr' ? ndtr : ndtri;
    for (let i = 0; i < x.rows * x.cols; i++) to[i] = evaluate(x.data[i]!);
  }
}

const powerTransforms: { readonly [P in PowerTransformName]: PowerTransformFunction } = {
  'box-cox': boxCox,
  'yeo-johnson': yeoJohnson,
  'yeo-johnson-power': yeoJohnsonPower,
  'inverse-box-cox': inverseBoxCox,
  'inverse-box-cox-power': inverseBoxCoxPower,
  'inverse-yeo-johnson-power': inverseYeoJohnsonPower,
};

function transformPowers(
  { operation, lambdas, rounded }: PowerTransform,
  { data, rows, cols }: Value,
  to: Numbers,
): void {
  const transform = powerTransforms[operation];
  const first = rounding(isSingle(data));
  const lambda = rounding(isSingle(lambdas));
  const rounds = { first, lambda, step: rounded || isSingle(lambdas) ? first : Number };
  for (let i = 0; i < rows * cols; i++) to[i] = transform(data[i]!, lambdas[i % cols]!, rounds);
}

function checkRange({ lows, highs }: Within, x: Value, to: Numbers): void {
  const { data, rows, cols } = x;
  for (let i = 0; i < rows * cols; i++) {
    const col = i % cols;
    const value = data[i]!;
    if (value < lows[col]! || value > highs[col]!) {
      const place = placeOf(x, (i - col) / cols, col);
      refuse('input-range', place, `${value} is not in [${lows[col]}, ${highs[col]}]`);
    }
    to[i] = value;
  }
}
