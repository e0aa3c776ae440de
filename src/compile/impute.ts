import type { Impute } from '../ir/index.js';
import type { CompileTransform } from './transformer.js';

export const compileImpute: CompileTransform<Impute> =
  ({ missing, strings }, out) =>
  (x) => {
    out.shapeLike(x, 'float64');
    for (let i = 0; i < x.rows * x.cols; i++) {
      const value = x.strings![i]!;
      out.strings![i] = value === missing ? strings[i % x.cols]! : value;
    }
    return out;
  };
