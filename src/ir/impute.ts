import type { NodeRules } from './rules.js';
import { expectCells } from './value.js';

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
  takes: () => ['columns'],
  validate(f, features) {
    const missing = f.optional('missing', f.text);
    const strings = f.texts('strings');
    f.within('strings', strings.length, features, features);
    return { missing, strings };
  },
  gives(node, given, path) {
    node.strings.forEach((_, column) => {
      expectCells('string', given, column, path);
    });
    return given;
  },
};
