import { isSingle, type Value } from '../input/dense.js';
import { type Deviation, type Linear, linearRules } from '../ir/index.js';
import { multiply, multiplySparse } from '../kernels/multiply.js';
import { rounding } from '../math/rounding.js';
import { zeros } from '../math/zeros.js';
import { handOnAnswer } from './answers.js';
import { onDense } from './dense.js';
import { checkFinite } from './finite.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';

export const linear: NodeKind<Linear> = {
  rules: linearRules,
  compile(node, scope) {
    const products = compileLinear(node);
    const { head } = node;
    if (head === null) {
      const { score } = scope.accelerator?.multiply(node, products) ?? products;
      return handOnAnswer({ columns: node.outputs, write: score }, scope.gives);
    }
    const scorer = { ...products, head };
    // Only deviations ask for all zeros.
    return node.deviation ? { ...onDense(scorer, scope), score: scorer.score } : scorer;
  },
};

type Products = Omit<Scorer, 'head'>;

export function compileLinear(linear: Linear): Products {
  const { features, outputs, coefficients, intercepts, nonFinite } = linear;

  function score(x: Value, out: Float64Array): boolean {
    const { data, indices, indptr, rows } = x;
    // As numpy: each operation is float32 where both its operands are.
    const singleProduct = isSingle(data) && isSingle(coefficients);
    const single = singleProduct && isSingle(intercepts);
    if (indptr === undefined) multiply(data, rows, features, coefficients, outputs, out);
    else {
      const cells = indices!;
      multiplySparse(
        data,
        cells,
        indptr,
        rows,
        features,
        coefficients,
        outputs,
        singleProduct,
        out,
      );
    }
    // 0, or NaN once a score is not finite.
    let strange = 0;
    for (let row = 0, at = 0; row < rows; row++) {
      for (let i = 0; i < outputs; i++, at++) {
        const product = singleProduct ? Math.fround(out[at]!) : out[at]!;
        const sum = product + intercepts[i]!;
        out[at] = single ? Math.fround(sum) : sum;
        strange += sum - sum;
      }
    }
    // A cell that is not finite leaves no score finite, so that to look at scores is enough.
    if (strange !== 0) checkFinite(nonFinite, x);
    return single;
  }

  const { deviation } = linear;
  return {
    outputs,
    score,
    deviations: deviation && {
      columns: 1,
      write(x, out) {
        checkFinite(nonFinite, x);
        return writeDeviations(deviation, x, out);
      },
    },
  };
}

/** Writes the standard deviations of the predictions of dense rows, float32 where numpy's would be. */
function writeDeviations(
  { offsets, scales, covariance, noise }: Deviation,
  { data, rows, cols }: Value,
  out: Float64Array,
): boolean {
  const z = zeros(cols);
  const products = zeros(cols);
  const operands = [data, offsets, scales, covariance];
  const single = operands.every((values) => values === null || isSingle(values));
  const round = rounding(single);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < cols; i++)
      z[i] = round(round(data[row * cols + i]! - (offsets?.[i] ?? 0)) / (scales?.[i] ?? 1));
    let sum = 0;
    multiply(z, 1, cols, covariance, cols, products);
    for (let i = 0; i < cols; i++) sum += products[i]! * z[i]!;
    out[row] = round(Math.sqrt(round(round(sum) + round(noise[0]!))));
  }
  return single;
}
