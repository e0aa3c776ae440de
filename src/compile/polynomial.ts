import { copyRow } from '../input/dense.js';
import { type Polynomial, polynomialRules } from '../ir/index.js';
import { zeros } from '../math/zeros.js';
import { floatsOf } from './buffer.js';
import type { NodeKind } from './kind.js';

export const polynomial: NodeKind<Polynomial> = {
  rules: polynomialRules,
  transform: (node, out) => {
    const { features, starts, factors } = node;
    /** A row, with its zeros. */
    const cells = zeros(features);
    return (x) => {
      const type = floatsOf(x);
      out.begin(x, type);
      for (let row = 0; row < x.rows; row++) {
        copyRow(x, row, cells);
        for (let output = 0; output < out.cols; output++) {
          const first = starts[output]!;
          const last = starts[output + 1]! - 1;
          let product = 1;
          for (let i = first; i <= last; i++) {
            // Dense products start at the last factor, sparse ones at the first, as scikit-learn's do.
            product *= cells[factors[x.indptr ? i : last - (i - first)]!]!;
            if (type === 'float32') product = Math.fround(product);
          }
          out.put(output, product);
        }
        out.next();
      }
      return out;
    };
  },
};
