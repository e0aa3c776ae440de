import { describeValue, NuthatchError } from '../../src/errors.js';
import type { Elementwise, Node, Operation } from '../../src/ir/index.js';
import { toDense } from '../boosting/classifiers.js';

/**
 * Makes NaN of what an estimator takes for missing otherwise: a number, and cells that compressed rows do not hold.
 *
 * @param missing null or NaN: no number
 */
export function toMissing(features: number, missing: unknown, sparse = false): Node[] {
  const hasMissing = missing !== null && !Number.isNaN(missing);
  if (hasMissing && !(typeof missing === 'number' && Number.isFinite(Math.fround(missing))))
    throw new NuthatchError(
      'unsupported',
      'missing',
      `expected a number, found ${describeValue(missing)}`,
    );
  const toNaN = (value: number): Operation => ({
    operation: 'void',
    operands: new Float64Array(features).fill(value),
    rounded: true,
  });
  const changing = (type: Elementwise['type'], operations: readonly Operation[]): Node => ({
    ...{ kind: 'elementwise', features, nonFinite: 'any', type, operations },
  });
  return [
    ...(sparse ? [toDense(features), changing(null, [toNaN(0)])] : []),
    // Cells are compared as float32.
    ...(hasMissing
      ? [changing('float32', [{ operation: 'positive' }, toNaN(missing as number)])]
      : []),
  ];
}
