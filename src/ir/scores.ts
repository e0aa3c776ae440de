import type { Fields } from './fields.js';
import { type Head, validateHead } from './head.js';
import type { Own, ValueKind, ValueType } from './value.js';

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
  takes: (): readonly ValueKind[] => ['dense'],
  validate: (f: Fields, features: number): Own<Scores> => ({
    head: validateHead(f.map('head'), features),
  }),
  gives: ({ features }: Scores): ValueType => ({ kind: 'dense', columns: features }),
} as const;
