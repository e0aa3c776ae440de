import { isSingle, type Value } from '../input/dense.js';
import { type Deviation, type Linear, linearRules } from '../ir/index.js';
import { dot, dotSparse } from '../kernels/dot.js';
import { onDense } from './dense.js';
import { checkFinite } from './finite.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';

export const linear: NodeKind<Linear> = {
  rules: linearRules,
  compile(node, scope) {
    const scorer = compileLinear(node);
    return node.deviation ? onDense(scorer, scope) : scorer;
  },
};

export function compileLinear(linear: Linear): Scorer {
  const { features, outputs, coefficients, intercepts, nonFinite } = linear;
  const singleCoefficients = isSingle(coefficients);
  const singleIntercepts = isSingle(intercepts);

  function score(x: Value, out: Float64Array): boolean {
    checkFinite(nonFinite, x);
    // As numpy: each operation is float32 where both its operands are.
    const singleProduct = singleCoefficients && isSingle(x.data);
    const single = singleProduct && singleIntercepts;
    for (let row = 0; row < x.rows; row++) {
      for (let output = 0; output < outputs; output++) {
        const start = output * features;
        const exact =
          x.indptr === undefined
            ? dot(x.data, row * features, coefficients, start, features)
            : dotSparse(
                x.data,
                x.indices!,
                x.indptr[row]!,
                x.indptr[row + 1]!,
                coefficients,
                start,
              );
        const product = singleProduct ? Math.fround(exact) : exact;
        const sum = product + intercepts[output]!;
        out[row * outputs + output] = single ? Math.fround(sum) : sum;
      }
    }
    return single;
  }

  const { deviation } = linear;
  return {
    outputs,
    head: linear.head,
    score,
    leaves: null,
    deviations:
      deviation &&
      ((x) => {
        checkFinite(nonFinite, x);
        return deviationsOf(deviation, x);
      }),
  };
}

/** The standard deviations of the predictions of dense rows, float32 where numpy's would be. */
function deviationsOf(
  { offsets, scales, covariance, noise }: Deviation,
  { data, rows, cols }: Value,
): Float64Array {
  const z = new Float64Array(cols);
  const operands = [data, offsets, scales, covariance];
  const round = operands.every((values) => values === null || isSingle(values))
    ? Math.fround
    : Number;
  return Float64Array.from({ length: rows }, (_, row) => {
    for (let i = 0; i < cols; i++)
      z[i] = round(round(data[row * cols + i]! - (offsets?.[i] ?? 0)) / (scales?.[i] ?? 1));
    let sum = 0;
    for (let i = 0; i < cols; i++) sum += dot(z, 0, covariance, i * cols, cols) * z[i]!;
    return round(Math.sqrt(round(round(sum) + round(noise[0]!))));
  });
}
