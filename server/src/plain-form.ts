import type { MethodName, Model } from 'nuthatch';
import { methodOf, type RowAnswer } from './answer.js';
import { HttpError } from './http-error.js';
import { isRecord } from './json-text.js';

/** What a request of the plain protocol asks: its rows, not yet read, and what to answer them by. */
export interface PlainRequest {
  readonly features: unknown;
  /** One, and the probabilities behind it where they are wanted. */
  readonly methods: readonly MethodName[];
}

/** @throws HttpError 400 */
export function readPlain(model: Model, body: unknown): PlainRequest {
  if (!isRecord(body) || !Object.hasOwn(body, 'features'))
    throw new HttpError(400, 'malformed', 'expected {"features": …}: a row, rows or records');
  const method = methodOf({ model }, body.method);
  const { features, probabilities = false } = body;
  if (typeof probabilities !== 'boolean')
    throw new HttpError(400, 'usage', 'expected true or false', 'probabilities');
  return {
    features,
    methods: probabilities ? [method, methodOf({ model }, 'predict_proba')] : [method],
  };
}

/** The answers of a request's methods as its client gets them. */
export const plainAnswer = (
  model: Model,
  [prediction, probabilities]: readonly (readonly RowAnswer[])[],
): object => ({
  prediction,
  ...(probabilities && {
    probabilities,
    classes: model.task === 'classifier' ? model.classes : undefined,
  }),
});
