import { list, optional, readAll, sized, text } from './fields.js';
import type { NodeRules } from './rules.js';
import { columnsOnly, expectCells } from './value.js';

/** Puts strings in the place of missing ones. Missing numbers are filled by `elementwise`. */
export interface Impute {
  readonly kind: 'impute';
  readonly features: number;
  /** The string that stands for a missing one; null for a missing cell itself. */
  readonly missing: string | null;
  /** [features]. */
  readonly strings: readonly string[];
}

export const imputeRules: NodeRules<Impute> = {
  kind: 'impute',
  takesAny: true,
  takes: columnsOnly,
  validate: (f, features) =>
    readAll(f, { missing: optional(text), strings: sized(list(text), features) }),
  gives(node, given, path) {
    node.strings.forEach((_, column) => {
      expectCells('string', given, column, path);
    });
    return given;
  },
};
