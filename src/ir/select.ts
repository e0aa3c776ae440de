import type { Fields } from './fields.js';
import type { Signature } from './value.js';

/** Chooses columns of a matrix, in any order, repeats allowed: what a sub-model on a subset of the features sees. */
export interface Select {
  readonly kind: 'select';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the output, as indices into the input's. */
  readonly columns: Uint32Array;
}

export function signatureOfSelect(select: Select): Signature {
  return {
    takes: { kinds: ['dense'], columns: select.features },
    gives: { kind: 'dense', columns: select.columns.length },
  };
}

export function validateSelect(f: Fields): Select {
  const features = f.integer('features', 1, f.limits.features);
  const columns = f.array('columns', ['uint32']);
  if (columns.length < 1 || columns.length > f.limits.features)
    f.fail('columns', `${columns.length} columns`);
  columns.forEach((column, i) => {
    if (column >= features) f.fail(`columns[${i}]`, `column ${column} of ${features}`);
  });
  return { kind: 'select', features, columns };
}
