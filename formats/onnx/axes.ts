import type { Operator } from './operator.js';
import type { Shape } from './shape.js';

/** Axes of an attribute, or of an input since version 13 or 18; null for all. */
export function readAxes(operator: Operator, rank: number): number[] | null {
  const isInput = operator.maybeValue(1) !== null;
  const values = isInput ? operator.constant(1).values : operator.maybeNumbers('axes');
  if (values === null || values.length === 0) return null;
  const axes = Array.from(values as ArrayLike<number>, (axis) => (axis < 0 ? axis + rank : axis));
  if (axes.some((axis) => !(Number.isInteger(axis) && axis >= 0 && axis < rank)))
    operator.refuse('axes', `expected axes of ${rank}`);
  return axes;
}

/** An axis of a value, counted from the end where it is below 0. */
export const axisOf = (axis: number, { length }: Shape): number =>
  axis < 0 ? axis + length : axis;
