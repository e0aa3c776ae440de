import type { Numbers } from '../input/dense.js';
import type { Metric, Neighbors } from '../ir/index.js';
import { pow } from '../math/pow.js';

/** Distances between rows, as scikit-learn's trees and reductions find them. */
export interface RowDistance {
  readonly reduced: Reduced;
  /** The distance that a reduced one stands for, and the other way round. */
  toDistance(reduced: number): number;
  toReduced(distance: number): number;
}

/**
 * The reduced distance between a row of `count` cells and the one in `rows` that begins at `at`: cheaper than the distance, in the same order. Where
 * it is above `most`, so is what is returned, which may be less.
 */
export type Reduced = (
  row: Float64Array,
  rows: Numbers,
  at: number,
  count: number,
  most: number,
) => number;

/** What becomes of a difference d of the cells x and y of column i. */
type Term = (d: number, x: number, y: number, i: number) => number;

/** `single`: differences and results are float32, as in C. */
export function compileDistance(
  { metric, power, scales }: Pick<Neighbors, 'metric' | 'power' | 'scales'>,
  single: boolean,
): RowDistance {
  const p = power?.[0] ?? 2;
  const reduced = compileReduced(metric, p, scales, single);
  const same = (value: number) => value;
  if (metric === 'euclidean' || metric === 'seuclidean')
    return { reduced, toDistance: Math.sqrt, toReduced: (distance) => distance * distance };
  if (metric !== 'minkowski') return { reduced, toDistance: same, toReduced: same };
  return {
    reduced,
    toDistance: (value) => pow(value, 1 / p),
    toReduced: (distance) => pow(distance, p),
  };
}

function compileReduced(
  metric: Metric,
  p: number,
  scales: Float64Array | null,
  single: boolean,
): Reduced {
  switch (metric) {
    case 'euclidean':
      return single ? sumOf((d) => d * d, single) : euclidean;
    case 'seuclidean':
      return sumOf((d, _x, _y, i) => (d * d) / scales![i]!, single);
    case 'manhattan':
      return sumOf(Math.abs, single);
    case 'minkowski':
      return sumOf((d, _x, _y, i) => (scales?.[i] ?? 1) * pow(Math.abs(d), p), single);
    case 'canberra':
      return sumOf((d, x, y) => {
        const size = Math.abs(x) + Math.abs(y);
        return size > 0 ? Math.abs(d) / size : 0;
      }, single);
    case 'chebyshev':
      return (row, rows, at, count) => {
        let most = 0;
        for (let i = 0; i < count; i++) {
          const size = Math.abs(row[i]! - rows[at + i]!);
          if (size > most) most = size;
        }
        return single ? Math.fround(most) : most;
      };
    case 'braycurtis': {
      const difference = sumOf(Math.abs, single, false);
      const size = sumOf((_d, x, y) => Math.abs(x) + Math.abs(y), false);
      return (row, rows, at, count) => {
        const whole = size(row, rows, at, count, Infinity);
        const share = whole > 0 ? difference(row, rows, at, count, Infinity) / whole : 0;
        return single ? Math.fround(share) : share;
      };
    }
    case 'cosine': {
      const product = sumOf((_d, x, y) => x * y, false);
      return (row, rows, at, count) =>
        Math.min(Math.max(1 - product(row, rows, at, count, Infinity), 0), 2);
    }
  }
}

/** Cells between looks at whether the sum is large enough already. */
const stride = 16;

/** Half the time of the same with a function for each cell. */
export const euclidean: Reduced = (row, rows, at, count, most) => {
  let sum = 0;
  for (let i = 0; i < count; ) {
    for (const end = Math.min(i + stride, count); i < end; i++) {
      const d = row[i]! - rows[at + i]!;
      sum += d * d;
    }
    if (sum > most) return sum;
  }
  return sum;
};

/** `single`: differences are float32; `rounded`: so is the result. */
export const sumOf =
  (term: Term, single: boolean, rounded = single): Reduced =>
  (row, rows, at, count, most) => {
    let sum = 0;
    for (let i = 0; i < count; ) {
      for (const end = Math.min(i + stride, count); i < end; i++) {
        const x = row[i]!;
        const y = rows[at + i]!;
        sum += term(single ? Math.fround(x - y) : x - y, x, y, i);
      }
      if (sum > most && !rounded) return sum;
    }
    return rounded ? Math.fround(sum) : sum;
  };
