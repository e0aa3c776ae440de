import { headOf } from './answering.js';
import type { Fields } from './fields.js';
import type { Own, ValueType } from './value.js';

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
  takes: () => ['dense'] as const,
  validate<Part>(
    f: Fields,
    features: number,
    inside: (value: unknown, path: string, mayAnswer: 'must') => Part,
  ): Own<Rounds<Part>> {
    const parts = f.maps('parts').map((part) => {
      const node = inside(part.get('node'), `${part.path}.node`, 'must');
      const head = headOf(node)!;
      if (head.task !== 'regressor' || head.targets !== 1)
        part.fail('node', 'no regressor of one target');
      return {
        column: part.integer('column', 0, features - 1),
        columns: part.notEmpty('columns', part.indices('columns', features)),
        node,
      };
    });
    return {
      fills: f.finite('fills', features),
      lows: f.array('lows', ['float64'], features),
      highs: f.array('highs', ['float64'], features),
      parts,
    };
  },
  gives<Part>(
    { parts }: Rounds<Part>,
    given: ValueType,
    path: string,
    outputOf: (part: Part, given: ValueType, path: string) => ValueType,
  ): ValueType {
    parts.forEach(({ columns, node }, i) => {
      outputOf(node, { kind: 'dense', columns: columns.length }, `${path}.parts[${i}].node`);
    });
    return given;
  },
} as const;
