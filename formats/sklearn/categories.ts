import { elementCount, numericType, toFloat64, toStrings } from './arrays.js';
import { type Estimator, isArray, unwrapScalar } from './estimator.js';
import { describePython, type PyArray, type PyValue } from './python.js';

/** Categories in the IR's order of codes: as in scikit-learn's array, but a missing one last. */
export interface SourceCategories {
  /** Exactly one of these two is there. */
  readonly strings: readonly string[] | null;
  readonly numbers: Float64Array | null;
  /** Whether a missing cell is a category, too. */
  readonly missing: boolean;
  /** For each code, the position in scikit-learn's array. */
  readonly positions: readonly number[];
  /** The position of a category that is NaN (and not None); null where there is none. */
  readonly nan: number | null;
  /** Whether the categories are booleans. */
  readonly booleans: boolean;
}

/** Reads one column's categories: strings, numbers or booleans, with or without a missing one. */
export function readCategories(
  estimator: Estimator,
  value: PyValue,
  attribute: string,
): SourceCategories {
  if (!isArray(value) || value.shape.length !== 1)
    return estimator.refuse(
      attribute,
      `expected an array of categories, found ${describePython(value)}`,
    );
  const cells = readCells(value);
  if (cells === null)
    return estimator.refuse(
      attribute,
      'expected categories that are strings, booleans, or numbers within ±(2⁵³−1)',
    );
  const known = cells.flatMap((cell, i) => (isMissing(cell) ? [] : i));
  const missing = cells.flatMap((cell, i) => (isMissing(cell) ? i : []));
  if (missing.length > 1)
    estimator.refuse(attribute, 'None and NaN are different categories here; both are missing');
  const values = known.map((i) => cells[i]!);
  const strings = values.filter((cell) => typeof cell === 'string');
  if (strings.length > 0 && strings.length < values.length)
    estimator.refuse(attribute, 'strings and numbers are categories of one column');
  const areStrings = strings.length > 0;
  return {
    strings: areStrings ? strings : null,
    numbers: areStrings ? null : Float64Array.from(values, Number),
    missing: missing.length > 0,
    positions: [...known, ...missing],
    nan: missing.find((i) => cells[i] !== null) ?? null,
    booleans: values.length > 0 && values.every((cell) => typeof cell === 'boolean'),
  };
}

type Cell = string | number | boolean | null;

function isMissing(cell: Cell): boolean {
  return cell === null || Number.isNaN(cell);
}

/** The elements as plain values; null where one is something else. */
export function readCells(array: PyArray): Cell[] | null {
  if (array.objects !== null) {
    const cells = array.objects.map(unwrapScalar);
    return cells.every(isCell) ? cells : null;
  }
  const numbers = toFloat64(array);
  const areBooleans = numericType(array.dtype) === 'bool';
  if (numbers !== null) return Array.from(numbers, (value) => (areBooleans ? value !== 0 : value));
  return elementCount(array) === array.shape[0] ? toStrings(array) : null;
}

function isCell(value: PyValue): value is Cell {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
