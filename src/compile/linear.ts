import type { Dense } from '../input/dense.js';
import type { Linear } from '../ir/index.js';
import { dot } from '../kernels/dot.js';
import { refuseNonFinite } from './finite.js';
import type { Scorer } from './scorer.js';

export function compileLinear(linear: Linear): Scorer {
  const { features, outputs, coefficients, intercepts, nonFinite } = linear;
  const singleCoefficients = coefficients instanceof Float32Array;
  const singleIntercepts = intercepts instanceof Float32Array;

  function score(x: Dense, out: Float64Array): boolean {
    checkFinite(x);
    // As numpy: each operation is float32 where both its operands are.
    const singleProduct = singleCoefficients && x.data instanceof Float32Array;
    const single = singleProduct && singleIntercepts;
    for (let row = 0; row < x.rows; row++) {
      for (let output = 0; output < outputs; output++) {
        const exact = dot(x.data, row * features, coefficients, output * features, features);
        const product = singleProduct ? Math.fround(exact) : exact;
        const sum = product + intercepts[output]!;
        out[row * outputs + output] = single ? Math.fround(sum) : sum;
      }
    }
    return single;
  }

  function checkFinite(x: Dense): void {
    const { data } = x;
    const cells = x.rows * features;
    for (let i = 0; i < cells; i++) {
      const value = data[i]!;
      if (value - value !== 0)
        refuseNonFinite(nonFinite, x, Math.floor(i / features), i % features, value);
    }
  }

  return { outputs, head: linear.head, score, leaves: null };
}
