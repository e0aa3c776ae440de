import { readAxes } from './axes.js';
import { type Columns, isSame, linked, type Part, shapeOf, type Value } from './columns.js';
import type { Operator } from './operator.js';
import { isMatrix, type Shape } from './shape.js';

/**
 * Softmax as graphs write it out: x less the largest, or less the logarithm of the sum of exps, exp of that, and what is divided by its sum. Parts of it
 * are values that nothing else can be made of.
 */
export function partOf(operator: Operator, what: 'max' | 'log-sum'): Part {
  const of = operator.columns(0, 'float');
  if (of.width < 2) operator.refuse('input', 'of one column is not supported');
  return { kind: 'part', of, what, shape: alongRow(operator) };
}

export function sumOfExps(operator: Operator, { of, what }: Part): Part {
  if (what !== 'exp') operator.refuse('input', `of ${what} is not supported`);
  return { kind: 'part', of, what: 'sum', shape: alongRow(operator) };
}

/** The shape of one number for each row. */
function alongRow(operator: Operator): Shape {
  const axes = readAxes(operator, 2);
  if (axes?.length !== 1 || axes[0] !== 1)
    operator.refuse('axes', 'others than 1 are not supported');
  return operator.integer('keepdims', 1) === 0 ? [null] : [null, 1];
}

/** What a part of a softmax is subtracted from; null where other values are. */
export function lessPart(a: Value, b: Value): Part | null {
  if (a.kind !== 'columns' || b.kind !== 'part') return null;
  if (!isMatrix(shapeOf(a)) || !isMatrix(b.shape)) return null;
  if (!isSame(a, b.of) || (b.what !== 'max' && b.what !== 'log-sum')) return null;
  const what = b.what === 'max' ? 'less-max' : 'log';
  return { kind: 'part', of: b.of, what, shape: [null, a.width] };
}

export function expOfPart(operator: Operator, { of, what, shape }: Part): Part | Columns {
  if (what === 'log') return linked(of, 'softmax-log-max');
  if (what !== 'less-max') operator.refuse('input', `of ${what} is not supported`);
  return { kind: 'part', of, what: 'exp', shape };
}

/** Exps divided by their sum; null where other values are divided. */
export function shareOfSum(a: Value, b: Value): Columns | null {
  if (a.kind !== 'part' || b.kind !== 'part' || a.of !== b.of) return null;
  const fits = a.what === 'exp' && b.what === 'sum' && isMatrix(b.shape);
  return fits ? linked(a.of, 'softmax') : null;
}
