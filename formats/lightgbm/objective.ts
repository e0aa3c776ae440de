import { NuthatchError, quote } from '../../src/errors.js';
import type { RegressorLink } from '../../src/ir/index.js';

/** What becomes of the scores of an objective. */
export interface Objective {
  readonly link: RegressorLink | 'log1p-exp';
  /** What scores are multiplied by before. */
  readonly factor: number;
}

/** By the name in the file; `sqrt` and `sigmoid` are parameters beside it. */
const links: ReadonlyMap<string, Objective['link']> = new Map([
  ...[
    ...['regression', 'regression_l1', 'huber', 'fair', 'quantile', 'mape', 'custom'],
    ...['lambdarank', 'rank_xendcg'],
  ].map((name) => [name, 'identity'] as const),
  ...['poisson', 'gamma', 'tweedie'].map((name) => [name, 'exp'] as const),
  ...['binary', 'cross_entropy', 'xentropy', 'multiclassova'].map(
    (name) => [name, 'expit'] as const,
  ),
  ['multiclass', 'softmax'],
  ...['cross_entropy_lambda', 'xentlambda'].map((name) => [name, 'log1p-exp'] as const),
]);

/** Reads `binary sigmoid:1` and the like; null, where the training had an objective of the user's own. */
export function readObjective(text: string | null, path: string): Objective {
  const [name, ...parameters] = (text ?? 'custom').split(' ');
  const refuse = (message: string): never => {
    throw new NuthatchError('unsupported', path, message);
  };
  let link = links.get(name!) ?? refuse(`the objective ${quote(name!)} is not supported`);
  let factor = 1;
  for (const parameter of parameters) {
    const [key, value] = parameter.split(':');
    if (key === 'sqrt' && link === 'identity') link = 'signed-square';
    else if (key === 'sigmoid' && link === 'expit') {
      factor = Number(value || Number.NaN);
      if (!(factor > 0 && factor < Infinity))
        refuse(`expected a number above 0, found ${quote(parameter)}`);
    }
  }
  return { link, factor };
}
