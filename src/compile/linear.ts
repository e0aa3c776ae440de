import type { Dense } from '../input/dense.js';
import type { Linear } from '../ir/index.js';
import { absoluteDot, dot } from '../kernels/dot.js';
import { refuseNonFinite } from './finite.js';
import type { Scorer } from './scorer.js';

export function compileLinear(linear: Linear): Scorer {
  const { features, outputs, coefficients, intercepts, nonFinite } = linear;
  const allSingle = coefficients instanceof Float32Array && intercepts instanceof Float32Array;

  function isSingle(x: Dense): boolean {
    return allSingle && x.data instanceof Float32Array;
  }

  function score(x: Dense, out: Float64Array): boolean {
    checkFinite(x);
    const single = isSingle(x);
    for (let row = 0; row < x.rows; row++) {
      for (let output = 0; output < outputs; output++) {
        const product = dot(x.data, row * features, coefficients, output * features, features);
        const intercept = intercepts[output]!;
        out[row * outputs + output] = single
          ? Math.fround(Math.fround(product) + intercept)
          : product + intercept;
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

  /** (8 + √n) · u · (Σ|xᵢwᵢ| + |b|), u the unit roundoff: BLAS's own distance from an exact sum, measured, and ours. */
  function bound(x: Dense): Float64Array {
    const unit = isSingle(x) ? 2 ** -24 : 2 ** -53;
    const result = new Float64Array(x.rows * outputs);
    for (let i = 0; i < result.length; i++) {
      const output = i % outputs;
      const row = (i - output) / outputs;
      const size = absoluteDot(x.data, row * features, coefficients, output * features, features);
      result[i] = (8 + Math.sqrt(features)) * unit * (size + Math.abs(intercepts[output]!));
    }
    return result;
  }

  return { outputs, head: linear.head, score, leaves: null, bound };
}
