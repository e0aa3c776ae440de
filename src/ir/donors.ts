import {
  type Fields,
  type Floats,
  fail,
  flag,
  integer,
  oneOf,
  read,
  readAll,
  sized,
  tensor,
} from './fields.js';
import type { NodeRules } from './rules.js';
import { denseOnly, type NonFinitePolicy, type Own } from './value.js';

/** Puts in the place of missing cells the mean of what the nearest stored rows have there. KNNImputer. */
export interface Donors {
  readonly kind: 'donors';
  /** Columns of the input and of the output. */
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  /** [stored rows × features], row after row; NaN for missing cells. float32 only with float32 inputs is measured in float32, as in numpy. */
  readonly rows: Floats;
  /** How many rows give a cell, of those that have one in its column. */
  readonly nearest: number;
  /** Whether a row counts 1, or 1 / its distance; rows at a distance of 0 then count 1 and others 0. */
  readonly weigh: 'uniform' | 'distance';
  /** Whether rows that share no column with another, and so have no distance, fill up what others leave of `nearest`, without weights. */
  readonly distant: boolean;
}

export const donorsRules: NodeRules<Donors> = {
  kind: 'donors',
  takes: denseOnly,
  validate: validateDonors,
};

function validateDonors(f: Fields, features: number): Own<Donors> {
  const rows = read(f, 'rows', sized(tensor(['float64', 'float32']), 1, 2 ** 31 - 1, features));
  if (rows.some((cell) => Math.abs(cell) === Infinity)) fail(f, 'rows', 'infinite');
  const donors = readAll(f, {
    nearest: integer(1, rows.length / features),
    weigh: oneOf('uniform', 'distance'),
    distant: flag,
  });
  if (donors.distant && donors.weigh === 'distance') fail(f, 'distant', 'has no weights');
  return { rows, ...donors };
}
