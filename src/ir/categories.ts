import type { Fields } from './fields.js';
import type { CellType } from './value.js';

/**
 * The values that a column is known to take. Each has a code: its position; a missing cell has the next one.
 * Exactly one of `strings` and `numbers` is there.
 */
export interface Categories {
  readonly strings: readonly string[] | null;
  readonly numbers: Float64Array | null;
  /** Whether a missing cell is a category, too. */
  readonly missing: boolean;
}

export function validateCategories(f: Fields): Categories {
  const strings = f.optional('strings', (name) => f.texts(name));
  const numbers = f.optional('numbers', (name) => f.array(name, ['float64']));
  const values = strings ?? numbers ?? f.fail('strings', 'expected strings or numbers');
  if (strings !== null && numbers !== null) f.fail('numbers', 'not beside strings');
  if (new Set<unknown>(values).size !== values.length || numbers?.some(Number.isNaN))
    f.fail(strings === null ? 'numbers' : 'strings', 'a category appears twice, or is NaN');
  return { strings, numbers, missing: f.flag('missing') };
}

export function categoryCount({ strings, numbers, missing }: Categories): number {
  return (strings ?? numbers!).length + Number(missing);
}

export function typeOfCategories({ strings }: Categories): CellType {
  return strings === null ? 'number' : 'string';
}
