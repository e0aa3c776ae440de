import { refuse } from '../errors.js';
import { isSingle, placeOf, type Value } from '../input/dense.js';
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
      let value: Value = x;
      for (const one of operations) {
        const change = bend(one, value);
        const { data, rows, cols } = value;
        // A result is rounded once more, when it is stored.
        const to = out.shapeLike(value, floatsOf(x));
        for (let i = 0; i < rows * cols; i++) to[i] = change(data[i]!, i % cols, i);
        value = out;
      }
      return value;
    },
};

/** What becomes of a cell of a column, at a place among all cells. */
type Change = (cell: number, col: number, at: number) => number;

function bend(one: CurveOperation, x: Value): Change {
  if ('places' in one) return interpolate(one, isSingle(x.data));
  if ('lambdas' in one) return transformPowers(one, isSingle(x.data));
  if ('lows' in one) return checkRange(one, x);
  return one.operation === 'ndtr' ? ndtr : ndtri;
}

const powerTransforms: { readonly [P in PowerTransformName]: PowerTransformFunction } = {
  'box-cox': boxCox,
  'yeo-johnson': yeoJohnson,
  'yeo-johnson-power': yeoJohnsonPower,
  'inverse-box-cox': inverseBoxCox,
  'inverse-box-cox-power': inverseBoxCoxPower,
  'inverse-yeo-johnson-power': inverseYeoJohnsonPower,
};

function transformPowers({ operation, lambdas, rounded }: PowerTransform, single: boolean): Change {
  const transform = powerTransforms[operation];
  const first = rounding(single);
  const lambda = rounding(isSingle(lambdas));
  const rounds = { first, lambda, step: rounded || isSingle(lambdas) ? first : Number };
  return (cell, col) => transform(cell, lambdas[col]!, rounds);
}

const checkRange =
  ({ lows, highs }: Within, x: Value): Change =>
  (cell, col, at) => {
    if (cell < lows[col]! || cell > highs[col]!) {
      const place = placeOf(x, (at - col) / x.cols, col);
      refuse('input-range', place, `${cell} is not in [${lows[col]}, ${highs[col]}]`);
    }
    return cell;
  };
