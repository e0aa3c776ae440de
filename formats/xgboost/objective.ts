import { NuthatchError, quote } from '../../src/errors.js';
import type { RegressorLink } from '../../src/ir/index.js';
import { log } from '../../src/math/log.js';

/** What an objective makes of margins, and of the base score before there are any. */
export interface Objective {
  /** `label`: the class with the largest margin; `sign`: 1 where it is above 0. */
  readonly link: RegressorLink | 'label' | 'sign';
  readonly toMargin: 'identity' | 'logit' | 'log';
}

const rows: readonly (readonly [Objective['link'], Objective['toMargin'], readonly string[]])[] = [
  [
    'identity',
    'identity',
    [
      ...['reg:squarederror', 'reg:linear', 'reg:squaredlogerror', 'reg:absoluteerror'],
      ...['reg:pseudohubererror', 'reg:quantileerror'],
      ...['rank:pairwise', 'rank:ndcg', 'rank:map', 'binary:logitraw'],
    ],
  ],
  ['expit', 'logit', ['reg:logistic', 'binary:logistic']],
  ['sign', 'identity', ['binary:hinge']],
  ['exp', 'log', ['count:poisson', 'reg:gamma', 'reg:tweedie', 'survival:cox', 'survival:aft']],
  ['softmax', 'identity', ['multi:softprob']],
  ['label', 'identity', ['multi:softmax']],
];

const objectives: ReadonlyMap<string, Objective> = new Map(
  rows.flatMap(([link, toMargin, names]) => names.map((name) => [name, { link, toMargin }])),
);

export function readObjective(name: string, isBefore13: boolean): Objective {
  const found = objectives.get(name);
  if (name === 'binary:logitraw' && isBefore13) return { link: 'identity', toMargin: 'logit' };
  if (found !== undefined) return found;
  throw new NuthatchError('unsupported', 'objective', `${quote(name)} is not supported`);
}

/** The margin of a base score, in float32 as XGBoost has it. */
export function marginOf(score: number, toMargin: Objective['toMargin']): number {
  const single = Math.fround(score);
  if (toMargin === 'logit') return -Math.fround(log(Math.fround(Math.fround(1 / single) - 1)));
  return toMargin === 'log' ? Math.fround(log(single)) : single;
}
