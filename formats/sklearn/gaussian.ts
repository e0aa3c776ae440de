import type { Gaussian } from '../../src/ir/index.js';
import { log } from '../../src/math/log.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { type Floats, isSingle, roundoff } from './projection.js';

/** What a score adds: a number for each output, and how far the source's own may be from it. */
export interface Term {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

/** Numbers that are the same everywhere. */
export const term = (values: Iterable<number>): Term => {
  const exact = Float64Array.from(values);
  return { values: exact, errors: new Float64Array(exact.length) };
};

/**
 * The sum of the logarithms of each of some rows of numbers, times a factor. numpy's own logarithms are up to a step off, float32 ones four, and its sums of
 * float32 are rounded as they grow.
 */
export function sumOfLogs(rows: readonly Floats[], factor = 1): Term {
  const values = new Float64Array(rows.length);
  const errors = new Float64Array(rows.length);
  rows.forEach((row, k) => {
    const logs = Float64Array.from(row, log);
    const sizes = logs.map(Math.abs);
    const share = (isSingle(row) ? 16 + Math.sqrt(row.length) : 4) * roundoff(isSingle(row));
    values[k] = factor * pairwiseSum(logs, 0, logs.length);
    errors[k] = Math.abs(factor) * share * pairwiseSum(sizes, 0, sizes.length);
  });
  return { values, errors };
}

/** The same numbers, each of several rows apart. */
export const rowsOf = (values: Floats, rows: number): Floats[] => {
  const length = values.length / rows;
  return Array.from({ length: rows }, (_, k) => values.subarray(k * length, (k + 1) * length));
};

/** Terms as a node's constants, float32 ones if `single`. */
export function constantsOf(
  terms: readonly Term[],
  single: boolean,
): Pick<Gaussian, 'constants' | 'uncertainty'> {
  const all = terms.flatMap(({ values }) => Array.from(values));
  const uncertainty = terms.reduce(
    (sums, { errors }) => sums.map((sum, k) => sum + errors[k]!),
    new Float64Array(terms[0]!.values.length),
  );
  return {
    constants: single ? Float32Array.from(all) : Float64Array.from(all),
    uncertainty: uncertainty.some((error) => error > 0) ? uncertainty : null,
  };
}
