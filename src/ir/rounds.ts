import { headOf } from './answering.js';
import {
  type Fields,
  fail,
  finite,
  float64s,
  indices,
  integer,
  list,
  map,
  readAll,
  sized,
} from './fields.js';
import type { PartReader } from './rules.js';
import { checkParts } from './union.js';
import { denseOnly, type Own, type ValueType } from './value.js';

/** Puts in the place of missing cells what regressors predict of the row's other columns, column after column, in rounds. IterativeImputer. */
export interface Rounds<Part> {
  readonly kind: 'rounds';
  /** Columns of the input and of the output. */
  readonly features: number;
  /** [features]: what missing cells are before. */
  readonly fills: Float64Array;
  /** [features] each: what predictions are clipped to. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly parts: readonly RoundsPart<Part>[];
}

export interface RoundsPart<Part> {
  /** The column that is predicted where it was missing. */
  readonly column: number;
  /** The columns that the part sees. */
  readonly columns: Uint32Array;
  /** A regressor of one target. */
  readonly node: Part;
}

export const roundsRules = {
  kind: 'rounds',
  takesAny: true,
  takes: denseOnly,
  validate<Part>(f: Fields, features: number, inside: PartReader<Part>): Own<Rounds<Part>> {
    const part = map((own) => {
      const fields = readAll(own, {
        column: integer(0, features - 1),
        columns: sized(indices(features), 1, Infinity),
        node: inside('must'),
      });
      const head = headOf(fields.node)!;
      if (head.task !== 'regressor' || head.targets !== 1)
        fail(own, 'node', 'no regressor of one target');
      return fields;
    });
    return readAll(f, {
      fills: finite(features),
      lows: float64s(features),
      highs: float64s(features),
      parts: list(part),
    });
  },
  gives<Part>(
    { parts }: Rounds<Part>,
    given: ValueType,
    path: string,
    outputOf: (part: Part, given: ValueType, path: string) => ValueType,
  ): ValueType {
    checkParts(parts, given, path, outputOf);
    return given;
  },
} as const;
