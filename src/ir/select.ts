import type { Fields } from './fields.js';
import type { Own } from './value.js';

/** Chooses columns of a matrix, in any order, repeats allowed: what a sub-model on a subset of the features sees. */
export interface Select {
  readonly kind: 'select';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the output, as indices into the input's. */
  readonly columns: Uint32Array;
}

export function validateSelect(f: Fields, features: number): Own<Select> {
  const columns = f.indices('columns', features);
  if (columns.length < 1) f.fail('columns', 'expected at least one');
  return { columns };
}
