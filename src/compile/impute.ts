import { type Impute, imputeRules } from '../ir/index.js';
import type { NodeKind } from './kind.js';

export const impute: NodeKind<Impute> = {
  rules: imputeRules,
  transform:
    ({ missing, strings }, out) =>
    (x) => {
      out.shapeLike(x, 'float64');
      for (let i = 0; i < x.rows * x.cols; i++) {
        const value = x.strings![i]!;
        out.strings![i] = value === missing ? strings[i % x.cols]! : value;
      }
      return out;
    },
};
