import type { RowAnswer } from '../answer.js';
import type { Feature } from './signature.js';

/** What a model answers to a row of cells; null where it refuses it. */
export type Accepts = (cells: readonly unknown[]) => RowAnswer | null;

type Described = Omit<Feature, 'gaps' | 'bound'>;

/**
 * Asks the model itself, with a row that it takes and one cell changed, whether it takes a missing cell and a value that it does not
 * know: what a part does with those is decided in many places, and nowhere said.
 */
export function probe(
  features: readonly Described[],
  row: readonly unknown[] | null,
  accepts: Accepts,
): Feature[] {
  const takes = (col: number, cell: unknown) =>
    row !== null && accepts(row.map((own, i) => (i === col ? cell : own))) !== null;
  const takesAllGaps = row !== null && accepts(row.map(() => null)) !== null;
  // Each question costs a prediction.
  const isAsked = features.length <= mostAsked;
  const isFree = ({ type, values }: Described) => type === 'number' && values === null;
  const free = new Set(features.flatMap((feature, col) => (isFree(feature) ? [col] : [])));
  const bound = row === null ? Number.POSITIVE_INFINITY : boundOf(row, free, accepts);
  const isSearched = Number.isFinite(bound) && free.size <= mostSearched;
  const ownBound = (col: number) =>
    isSearched && free.has(col) ? boundOf(row!, new Set([col]), accepts) : bound;
  return features.map((feature, col) => ({
    ...feature,
    bound: ownBound(col),
    closed: feature.closed && feature.values !== null && !(isAsked && takes(col, other(feature))),
    gaps: takesAllGaps || (isAsked && takes(col, null)),
  }));
}

const mostAsked = 500;
/** A search asks a hundred times. */
const mostSearched = 50;

/** A value that is none of those that are known. */
function other({ type, values }: Described): unknown {
  if (type === 'string') return `${values?.join('').slice(0, 100) ?? ''}?`;
  return (values as readonly number[]).reduce((most, value) => Math.max(most, value), 0) + 1.5;
}

/**
 * The least magnitude that these columns may not all have at once, infinity where they may have any: parts of a model hold float32, or
 * square what they get.
 */
function boundOf(row: readonly unknown[], columns: ReadonlySet<number>, accepts: Accepts): number {
  const takes = (magnitude: number) =>
    [magnitude, -magnitude].every(
      (one) => accepts(row.map((own, col) => (columns.has(col) ? one : own))) !== null,
    );
  if (takes(Number.MAX_VALUE)) return Number.POSITIVE_INFINITY;
  // Positive numbers are ordered as their bits are.
  const value = new Float64Array([Number.MAX_VALUE]);
  const bits = new BigUint64Array(value.buffer);
  let low = 0n;
  let high = bits[0]!;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    bits[0] = middle;
    if (takes(value[0]!)) low = middle;
    else high = middle;
  }
  bits[0] = high;
  return value[0]!;
}
