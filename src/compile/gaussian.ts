import { isSingle, rowOf, type Value } from '../input/dense.js';
import { type Gaussian, gaussianRules } from '../ir/index.js';
import { multiply } from '../kernels/multiply.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { type Round, rounding } from '../math/rounding.js';
import { zeros } from '../math/zeros.js';
import { checkFinite } from './finite.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';

export const gaussian: NodeKind<Gaussian> = {
  rules: gaussianRules,
  compile(node) {
    const { outputs, head, nonFinite, constants, rounded } = node;
    const measure = compileDistance(node);
    return {
      outputs,
      head,
      score(x, out) {
        checkFinite(nonFinite, x);
        const singleDistance = isSingleDistance(node, isSingle(x.data));
        const single = singleDistance && isSingle(constants);
        const round = rounding(single);
        const roundDistance = rounding(singleDistance);
        // Of float32 rows.
        const roundSum = rounding(isSingle(x.data) && rounded === 'distance');
        const roundFirst = rounding(isSingle(x.data) && rounded !== null);
        for (let at = 0; at < x.rows * outputs; at++) {
          const output = at % outputs;
          const distance = measure(x, (at - output) / outputs, output, roundDistance);
          const sum = roundSum(roundSum(distance) + roundFirst(constants[output]!));
          let score = -0.5 * round(sum);
          for (let i = output + outputs; i < constants.length; i += outputs)
            score = round(score + constants[i]!);
          out[at] = score;
        }
        return single;
      },
    } satisfies Scorer;
  },
};

/** Whether distances are float32, as numpy's would be. */
export const isSingleDistance = ({ means, scales }: Gaussian, singleRows: boolean): boolean =>
  singleRows && isSingle(means) && isSingle(scales);

/** The scales of an output. */
export function scalesOf({ scales, outputs }: Gaussian, output: number): Gaussian['scales'] {
  const length = scales.length / outputs;
  return rowOf(scales, output, length);
}

type Measure = (x: Value, row: number, output: number, round: Round) => number;

/** The squared distance of a row to an output's mean. */
function compileDistance(node: Gaussian): Measure {
  const { features, outputs, means, distance } = node;
  const z = zeros(features);
  const scales = Array.from({ length: outputs }, (_, output) => scalesOf(node, output));
  const products = zeros(scales[0]!.length / features);
  return ({ data }, row, output, round) => {
    for (let i = 0; i < features; i++)
      z[i] = round(data[row * features + i]! - means[output * features + i]!);
    const own = scales[output]!;
    if (distance === 'variances') {
      for (let i = 0; i < features; i++) z[i] = round(round(z[i]! * z[i]!) / own[i]!);
      return round(pairwiseSum(z, 0, features));
    }
    multiply(z, 1, features, own, products.length, products);
    let sum = 0;
    for (let i = 0; i < products.length; i++) {
      const product = round(products[i]!);
      sum += product * (distance === 'factors' ? product : z[i]!);
    }
    return round(sum);
  };
}
