import { type Fields, readAll } from './fields.js';
import { type Head, readHead } from './head.js';
import { dense } from './rules.js';
import { denseOnly, type Own, type ValueType } from './value.js';

/** Columns that are raw scores already: what other parts answered, or how far clusters are. */
export interface Scores {
  readonly kind: 'scores';
  /** Columns of the input, and of the raw scores. */
  readonly features: number;
  readonly head: Head;
}

export const scoresRules = {
  kind: 'scores',
  takesAny: true,
  takes: denseOnly,
  validate: (f: Fields, features: number): Own<Scores> => readAll(f, { head: readHead(features) }),
  gives: ({ features }: Scores): ValueType => dense(features),
} as const;
