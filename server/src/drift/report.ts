import { chiSquare, kolmogorovSmirnov, stabilityIndex, type Tested } from './formulas.js';
import type { Series } from './series.js';
import type { Window } from './window.js';

/** How far what a column holds now lies from what it held in training. */
export interface SeriesReport {
  readonly name: string;
  readonly of: 'feature' | 'answer';
  readonly type: 'numbers' | 'lengths' | 'values';
  /** Rows of the window that have it, missing cells included. */
  readonly rows: number;
  /** null where too few rows are there to say. */
  readonly psi: number | null;
  /** By the usual limits of the index, 0.1 and 0.2. */
  readonly level: 'stable' | 'moderate' | 'large' | null;
  /** Of numbers. */
  readonly ks: Tested | null;
  /** Of values. */
  readonly chi2: (Tested & { readonly degrees: number }) | null;
  /** Shares of missing cells. */
  readonly missing: { readonly reference: number; readonly window: number | null };
  /** The share of cells as training had none: values that are not known, numbers out of range. null where the file does not list all values. */
  readonly unseen: number | null;
  /** Shares of each bin or value, and of all others. */
  readonly bins: {
    readonly labels: readonly (string | number)[];
    readonly reference: readonly number[];
    readonly window: readonly number[] | null;
  };
}

/** The report of one series; of fewer rows than `leastRows` nothing is said but how many they are. */
export function reportSeries(series: Series, counts: Uint32Array, leastRows: number): SeriesReport {
  const { name, statistics, expected } = series;
  const observed = counts.subarray(0, expected.length);
  const [there, missing] = [sumOf(observed), counts[expected.length]!];
  const rows = there + missing;
  const known = sumOf(expected);
  const enough = rows >= leastRows;
  const comparable = enough && there > 0 && known > 0;
  const isValues = statistics.type === 'values';
  const [grouped, own] = groups(expected, observed, isValues);
  const psi = comparable ? stabilityIndex(grouped, own) : null;
  return {
    name,
    of: series.column === null ? 'answer' : 'feature',
    type: statistics.type,
    rows,
    psi,
    level: psi === null ? null : psi < 0.1 ? 'stable' : psi < 0.2 ? 'moderate' : 'large',
    ks: comparable && !isValues ? kolmogorovSmirnov(expected, observed) : null,
    chi2: comparable && isValues ? chiSquare(grouped, own) : null,
    missing: {
      reference: statistics.missing / (known + statistics.missing),
      window: enough ? missing / rows : null,
    },
    unseen:
      comparable && !(isValues && statistics.other > 0) ? unseenShare(expected, observed) : null,
    bins: {
      labels: isValues ? statistics.values : [...statistics.edges],
      reference: shares(expected, known),
      window: comparable ? shares(observed, there) : null,
    },
  };
}

/** Of the window: how many rows there are, and since when. */
export const describeWindow = ({ rows, since }: Window) => ({
  rows,
  since: since === null ? null : new Date(since).toISOString(),
});

/** Of values that fewer training rows held, and of bins, whole tenths are made: the index of many small ones is mostly noise. */
const fewBins = 12;
const leastGroup = { values: 0.02, numbers: 0.1 } as const;

/** Bins in groups that hold enough training rows: numbers by neighbours, values that are rare with all others. */
function groups(
  expected: Float64Array,
  observed: Uint32Array,
  areValues: boolean,
): [Float64Array, Float64Array] {
  const group = areValues ? groupsOfValues(expected) : groupsOfBins(expected);
  const count = Math.max(...group) + 1;
  const [first, second] = [new Float64Array(count), new Float64Array(count)];
  group.forEach((at, i) => {
    first[at]! += expected[i]!;
    second[at]! += observed[i]!;
  });
  return [first, second];
}

function groupsOfValues(expected: Float64Array): number[] {
  const least = leastGroup.values * sumOf(expected);
  // The last bin is that of all others.
  let next = 1;
  return Array.from(expected, (count, i) =>
    i === expected.length - 1 || (count < least && expected.length > fewBins) ? 0 : next++,
  );
}

function groupsOfBins(expected: Float64Array): number[] {
  if (expected.length <= fewBins) return Array.from(expected, (_, i) => i);
  const total = sumOf(expected);
  let sum = 0;
  // By the middle of what a bin holds, so that each tenth has the bins nearest to it.
  return Array.from(expected, (count) => {
    sum += count;
    const middle = (sum - count / 2) / total;
    return Math.min(Math.floor(middle / leastGroup.numbers), 9);
  });
}

function unseenShare(expected: Float64Array, observed: Uint32Array): number {
  let unseen = 0;
  observed.forEach((count, i) => {
    if (expected[i] === 0) unseen += count;
  });
  return unseen / sumOf(observed);
}

function sumOf(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

const shares = (counts: ArrayLike<number>, total: number): number[] =>
  Array.from(counts, (count) => (total === 0 ? 0 : count / total));
