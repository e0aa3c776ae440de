import type { Fields } from './fields.js';
import type { Own } from './value.js';

/** Puts strings in the place of missing ones. Missing numbers are filled by `elementwise`. */
export interface Impute {
  readonly kind: 'impute';
  readonly features: number;
  /** The string that stands for a missing one; null for a missing cell itself. */
  readonly missing: string | null;
  /** [features]. */
  readonly strings: readonly string[];
}

export function validateImpute(f: Fields, features: number): Own<Impute> {
  const missing = f.optional('missing', f.text);
  const strings = f.texts('strings');
  f.within('strings', strings.length, features, features);
  return { missing, strings };
}
