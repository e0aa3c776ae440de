import type { Dense } from '../input/dense.js';
import type { Linear, Node } from '../ir/index.js';
import { compileTransformer } from './compile.js';
import { chain } from './pipeline.js';

/** How far raw scores [x.rows × outputs] may lie from ours in a correct evaluation that sums in another order. */
export type ErrorBound = (x: Dense) => Float64Array;

/** The bound of a model whose raw scores are dot products; null where they are the same in every correct evaluation. */
export function compileErrorBound(node: Node): ErrorBound | null {
  switch (node.kind) {
    case 'linear':
      return (x) => boundLinear(node, x);
    case 'pipeline': {
      const last = compileErrorBound(node.steps[node.steps.length - 1]!);
      const transform = chain(node.steps.slice(0, -1).map(compileTransformer));
      return last && ((x) => last(transform(x)));
    }
    default:
      return null;
  }
}

/** (8 + √n) · u · (Σ|xᵢwᵢ| + |b|), u the unit roundoff: BLAS's own distance from an exact sum, measured, and ours. */
function boundLinear(
  { features, outputs, coefficients, intercepts }: Linear,
  x: Dense,
): Float64Array {
  const single = x.data instanceof Float32Array && coefficients instanceof Float32Array;
  const scale = (8 + Math.sqrt(features)) * (single ? 2 ** -24 : 2 ** -53);
  return Float64Array.from({ length: x.rows * outputs }, (_, i) => {
    const output = i % outputs;
    const row = (i - output) / outputs;
    let size = Math.abs(intercepts[output]!);
    for (let col = 0; col < features; col++) {
      size += Math.abs(x.data[row * features + col]! * coefficients[output * features + col]!);
    }
    return scale * size;
  });
}
