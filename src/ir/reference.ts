import {
  type Fields,
  fail,
  fieldsOf,
  finite,
  float64s,
  integer,
  list,
  map,
  names,
  oneOf,
  read,
  readAll,
  sized,
  tensor,
  text,
  type UintArray,
  uintTypes,
} from './fields.js';
import { type InputSpec, inputColumns } from './input.js';
import { defaultLimits, type Limits } from './limits.js';

/** Statistics of a model's training rows and of its answers to them: what drift is measured against. */
export interface Reference {
  /** Rows that were counted. */
  readonly rows: number;
  /** One for each column of the input, in order. */
  readonly columns: readonly Statistics[];
  readonly answers: readonly AnswerStatistics[];
}

/** Of what one method answered: one for each column of the answer. */
export interface AnswerStatistics {
  /** scikit-learn's name of the method. */
  readonly method: string;
  readonly columns: readonly Statistics[];
}

export type Statistics = NumberStatistics | ValueStatistics | NoStatistics;

/** Of cells that are numbers, or of the lengths of texts in characters (code points). */
export interface NumberStatistics {
  readonly type: 'numbers' | 'lengths';
  /** Cells that were not there. */
  readonly missing: number;
  /** Smallest, largest, mean and standard deviation (of all, not of a sample) of the others. */
  readonly summary: Float64Array;
  /** What the bins end with, ascending: each holds its end. A last bin is above all of them. */
  readonly edges: Float64Array;
  /** [edges + 1]: cells of each bin. */
  readonly counts: UintArray;
}

/** Of cells that are strings, or of labels, as text. */
export interface ValueStatistics {
  readonly type: 'values';
  readonly missing: number;
  /** The most frequent ones. */
  readonly values: readonly string[];
  /** [values]: how often each was there. */
  readonly counts: UintArray;
  /** Cells that hold none of these. */
  readonly other: number;
}

/** Of columns that nothing is known of. */
export interface NoStatistics {
  readonly type: 'none';
}

export const mostEdges = 64;
export const mostValues = 1000;
const mostAnswers = 16;

/**
 * The statistics in a model that `input` describes; null where it has none. Readers of models keep them unread: who wants them asks.
 *
 * @throws NuthatchError `invalid-model`
 */
export function readReference(
  { reference, input }: { readonly reference: unknown; readonly input: InputSpec },
  limits: Limits = defaultLimits,
): Reference | null {
  if ((reference ?? null) === null) return null;
  const f = fieldsOf(reference, 'reference', limits);
  const rows = read(f, 'rows', integer(1, 2 ** 53 - 1));
  const statistics = map((own) => validateStatistics(own, rows));
  const columns = inputColumns(input);
  const answer = map((own) =>
    readAll(own, {
      method: text,
      columns: sized(list(statistics), 1, limits.classes),
    }),
  );
  return {
    rows,
    columns: read(f, 'columns', sized(list(statistics), columns)),
    answers: read(f, 'answers', sized(list(answer), 0, mostAnswers)),
  };
}

function validateStatistics(f: Fields, rows: number): Statistics {
  const type = read(f, 'type', oneOf('numbers', 'lengths', 'values', 'none'));
  if (type === 'none') return { type };
  const missing = read(f, 'missing', integer(0, rows));
  if (type === 'values') {
    const values = read(f, 'values', sized(names, 0, mostValues));
    const counts = read(f, 'counts', tensor(uintTypes, values.length));
    const other = read(f, 'other', integer(0, rows));
    expectTotal(f, counts, rows - missing - other);
    return { type, missing, values, counts, other };
  }
  const edges = read(f, 'edges', sized(finite(), 0, mostEdges));
  if (edges.some((edge, i) => i > 0 && !(edge > edges[i - 1]!))) fail(f, 'edges', 'not ascending');
  const counts = read(f, 'counts', tensor(uintTypes, edges.length + 1));
  expectTotal(f, counts, rows - missing);
  return { type, missing, summary: read(f, 'summary', float64s(4)), edges, counts };
}

function expectTotal(f: Fields, counts: UintArray, expected: number): void {
  let total = 0;
  for (const count of counts) total += count;
  if (total !== expected) fail(f, 'counts', `expected ${expected} cells in all, found ${total}`);
}
