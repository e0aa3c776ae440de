/**
 * What flows between the parts of a model.
 *
 * * `dense`: a matrix of float64 or float32 (numpy's dtype rules decide which).
 * * `sparse`: compressed rows (CSR) of float64 or float32.
 * * `columns`: named columns of numbers, strings, booleans or categories.
 * * `text`: one string a row.
 */
export const valueKinds = ['dense', 'sparse', 'columns', 'text'] as const;
export type ValueKind = (typeof valueKinds)[number];

/** The type of a value: its kind and its width (1 for text). */
export interface ValueType {
  readonly kind: ValueKind;
  readonly columns: number;
}

/** What a part of a model takes and gives. `gives` is what `transform` or, at the end, the raw scores are. */
export interface Signature {
  readonly takes: { readonly kinds: readonly ValueKind[]; readonly columns: number };
  readonly gives: ValueType;
}

/** Which non-finite inputs a part accepts; every other one is an error. */
export const nonFinitePolicies = ['refuse', 'nan', 'any'] as const;
export type NonFinitePolicy = (typeof nonFinitePolicies)[number];

/** Why a value of type `given` cannot enter a part with this signature; null when it can. */
export function mismatch(given: ValueType, signature: Signature): string | null {
  const { kinds, columns } = signature.takes;
  if (!kinds.includes(given.kind))
    return `takes ${kinds.join(' or ')} values, is given ${given.kind} values`;
  if (given.columns !== columns) return `takes ${columns} columns, is given ${given.columns}`;
  return null;
}
