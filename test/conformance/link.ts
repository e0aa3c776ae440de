import { changeInPlace } from '../../src/compile/head.js';
import { headOf, type ModelDescription } from '../../src/ir/index.js';
import { exp } from '../../src/math/exp.js';
import { ulpDistance } from '../../src/math/ulp.js';
import type { Comparison } from '../../src/verify.js';

/** Margins that Python found on the way to its predictions, and what it made of them. */
export interface Margins {
  readonly margins: number[];
  readonly predictions: number[];
}

const mostSteps = 1;

/** A regressor's link alone, of the reference's own margins: golden sets hold predictions, but no margins. */
export function compareLink(
  { root }: ModelDescription,
  { margins, predictions }: Margins,
): Comparison {
  const head = headOf(root);
  if (head?.task !== 'regressor') throw new Error('no regressor');
  const found = Float64Array.from(margins);
  if (head.link === 'exp') changeInPlace(found, found.length, false, exp);
  const steps = Array.from(found, (value, row) => ulpDistance(value, predictions[row]!));
  const failures = steps.flatMap((distance, row) =>
    distance > mostSteps
      ? [{ row, column: 0, expected: predictions[row]!, found: found[row]! }]
      : [],
  );
  const identical = steps.filter((distance) => distance === 0).length;
  return {
    set: 'margins',
    method: 'predict',
    rule: 'ulp',
    rows: margins.length,
    values: margins.length,
    identical,
    worst: Math.max(0, ...steps),
    excused: margins.length - identical - failures.length,
    excusedRows: [],
    failures,
    failed: failures.length,
  };
}
