import { NuthatchError } from '../../src/errors.js';
import {
  type InputSpec,
  inputNames,
  narrowest,
  type Reference,
  readReference,
} from '../../src/ir/index.js';
import { toFloat64 } from '../sklearn/arrays.js';
import { isArray } from '../sklearn/estimator.js';
import type { PyValue } from '../sklearn/python.js';

type Plain = Readonly<Record<string, unknown>>;

/** The statistics of a document in the IR's terms, in the order of the model's columns. */
export function toReference(document: Plain | null, input: InputSpec): Reference | null {
  if (document === null) return null;
  const columns = document.columns as readonly Plain[];
  const reference = {
    ...document,
    columns: inOrder(columns, input).map(toStatistics),
    answers: (document.answers as readonly Plain[]).map((answer) => ({
      ...answer,
      columns: (answer.columns as readonly Plain[]).map(toStatistics),
    })),
  };
  return readReference({ reference, input });
}

/** Columns with names are found by these: a table may have them in another order, others beside them, and lack what the model never looks at. */
function inOrder(columns: readonly Plain[], input: InputSpec): readonly Plain[] {
  const names = inputNames(input);
  const own = new Map(columns.map((column) => [column.name, column]));
  if (names === null || !columns.every(({ name }) => typeof name === 'string')) return columns;
  return names.map((name) => own.get(name) ?? { type: 'none' });
}

function toStatistics(one: Plain): Plain {
  const numbers = (name: string): Float64Array => {
    const value = (one[name] ?? null) as PyValue;
    return (isArray(value) ? toFloat64(value) : null) ?? fail(name, 'expected an array of numbers');
  };
  if (one.type === 'none') return one;
  const counts = numbers('counts');
  // Else a number could be made one of another size.
  if (!counts.every((count) => Number.isInteger(count) && count >= 0 && count < 2 ** 32))
    fail('counts', 'expected whole numbers');
  const own = { ...one, counts: narrowest(counts) };
  return one.type === 'values'
    ? own
    : { ...own, edges: numbers('edges'), summary: numbers('summary') };
}

const fail = (place: string, message: string): never => {
  throw new NuthatchError('malformed', `reference.${place}`, message);
};
