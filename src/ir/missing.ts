import type { Fields } from './fields.js';
import type { CellType, NonFinitePolicy } from './value.js';
import { nonFinitePolicies } from './value.js';

/** Which cells count as missing. */
export interface Missing {
  /** [1]: the number that stands for a missing one, mostly NaN; null where none does. */
  readonly number: Float64Array | null;
  /** The string that stands for a missing one; null for a missing cell itself where `number` is NaN, else none. */
  readonly string: string | null;
}

function validateMissing(f: Fields): Missing {
  return {
    number: f.optional('number', (name) => f.array(name, ['float64'], 1)),
    string: f.optional('string', (name) => f.text(name)),
  };
}

/** Puts something in the place of what is missing. */
export interface Impute {
  readonly kind: 'impute';
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  readonly missing: Missing;
  /** [features]: what missing numbers become. */
  readonly numbers: Float64Array;
  /** What missing strings become, where the columns hold strings; null for columns of numbers. */
  readonly strings: readonly (string | null)[] | null;
}

export function validateImpute(f: Fields): Impute {
  const features = f.integer('features', 1, f.limits.features);
  const strings = f.optional('strings', (name) => f.list(name));
  if (strings !== null && strings.length !== features) f.fail('strings', `expected ${features}`);
  strings?.forEach((value, i) => {
    if (value !== null && typeof value !== 'string') f.fail(`strings[${i}]`, 'expected a string');
  });
  return {
    kind: 'impute',
    features,
    nonFinite: f.oneOf('nonFinite', nonFinitePolicies),
    missing: validateMissing(f.map('missing')),
    numbers: f.array('numbers', ['float64'], features),
    strings: strings as (string | null)[] | null,
  };
}

export function typesOfImpute({ features, strings }: Impute): CellType[] {
  return Array.from({ length: features }, (_, i) =>
    typeof strings?.[i] === 'string' ? 'string' : 'number',
  );
}

/** Says of some columns where they are missing: 1 or 0. */
export interface MissingMask {
  readonly kind: 'missing-mask';
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  readonly missing: Missing;
  /** The columns asked about, one for each column of the output. */
  readonly columns: Uint32Array;
  /** Whether a missing cell in another column is an error. */
  readonly refuseOthers: boolean;
  /** Whether the result is sparse. */
  readonly sparse: boolean;
}

export function validateMissingMask(f: Fields): MissingMask {
  const features = f.integer('features', 1, f.limits.features);
  return {
    kind: 'missing-mask',
    features,
    nonFinite: f.oneOf('nonFinite', nonFinitePolicies),
    missing: validateMissing(f.map('missing')),
    columns: f.indices('columns', features),
    refuseOthers: f.flag('refuseOthers'),
    sparse: f.flag('sparse'),
  };
}
