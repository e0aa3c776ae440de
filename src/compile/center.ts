import { isSingle } from '../input/dense.js';
import { type Center, centerRules } from '../ir/index.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { rounding } from '../math/rounding.js';
import { zeros } from '../math/zeros.js';
import { floatsOf } from './buffer.js';
import type { NodeKind } from './kind.js';

export const center: NodeKind<Center> = {
  rules: centerRules,
  transform: ({ means, mean, features }, out) => {
    const row = zeros(features);
    return (x) => {
      const to = out.shapeLike(x, floatsOf(x));
      const round = rounding(isSingle(to));
      for (let start = 0; start < x.rows * features; start += features) {
        for (let i = 0; i < features; i++) row[i] = x.data[start + i]!;
        const own = round(round(pairwiseSum(row, 0, features)) / features);
        for (let i = 0; i < features; i++)
          to[start + i] = round(round(row[i]! - means[i]!) - own) + round(mean[0]!);
      }
      return out;
    };
  },
};
