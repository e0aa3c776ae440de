import type { Operation } from '../../src/ir/index.js';
import { type Columns, elementwise, followed } from './columns.js';
import type { Operator } from './operator.js';
import { pairOf, plus, times, together } from './pairs.js';
import { below } from './splits.js';
import type { LoweringTable } from './table.js';

/** Comparisons, which give 1 or 0, and what is made of these. NaN is neither above nor below. */
export const compareTable: LoweringTable = {
  Greater: (operator) => [lowerComparison(operator, 'above', false)],
  GreaterOrEqual: (operator) => [lowerComparison(operator, 'above', true)],
  Less: (operator) => [lowerComparison(operator, 'below', false)],
  LessOrEqual: (operator) => [lowerComparison(operator, 'below', true)],
  Equal: lowerEqual,
  Not: (operator) => [opposed(operator.array(0, 'boolean'))],
  Where: lowerWhere,
};

const constant = (
  operation: 'add' | 'multiply' | 'greater',
  operands: Float64Array,
): Operation => ({ operation, operands, rounded: true });

const fill = ({ width }: Columns, value: number): Float64Array =>
  new Float64Array(width).fill(value);

const changed = (columns: Columns, ...operations: readonly Operation[]): Columns =>
  followed(columns, elementwise(columns.width, operations, 'float32'));

const asFlags = (columns: Columns): Columns => ({ ...columns, type: 'boolean', range: 'unit' });

/** 1 − x of flags. */
const opposed = (flags: Columns): Columns =>
  asFlags(changed(flags, { operation: 'negative' }, constant('add', fill(flags, 1))));

/** Flags of what is not 0, NaN included. */
export const notZero = (columns: Columns): Columns =>
  opposed(
    asFlags(
      changed(
        columns,
        { operation: 'absolute' },
        { operation: 'negative' },
        constant('greater', fill(columns, -(2 ** -149))),
      ),
    ),
  );

function lowerComparison(operator: Operator, side: 'above' | 'below', equal: boolean): Columns {
  const pair = pairOf(operator);
  if ('a' in pair) {
    if (equal) operator.refuse('input', 'of two calculated values is not supported');
    // A difference of floats is 0 of the same ones alone.
    const [more, less] = side === 'above' ? [pair.a, pair.b] : [pair.b, pair.a];
    const difference = plus(operator, more, less, -1);
    return asFlags(changed(difference, constant('greater', fill(difference, 0))));
  }
  const { columns, operands, first } = pair;
  return flagsOf(operator, columns, operands, (side === 'above') !== first, equal);
}

/** Flags of columns above, or below, their operands: x < c where −x > −c, and x ≥ c where x is above the number below c. */
function flagsOf(
  operator: Operator,
  columns: Columns,
  operands: Float64Array,
  isAbove: boolean,
  equal: boolean,
): Columns {
  const isDouble = columns.type === 'integer';
  const turned = isAbove ? operands : operands.map((operand) => -operand);
  const edges = equal ? turned.map((operand) => below(operand, isDouble)) : turned;
  if (edges.some(Number.isNaN))
    operator.refuse('input', 'with what is not finite is not supported');
  const steps: Operation[] = [
    ...(isAbove ? [] : [{ operation: 'negative' as const }]),
    constant('greater', edges),
  ];
  const type = isDouble ? 'float64' : 'float32';
  return asFlags(followed(columns, elementwise(columns.width, steps, type)));
}

/** Neither above nor below. */
function lowerEqual(operator: Operator): Columns[] {
  const [one, other] = [operator.value(0), operator.value(1)];
  const value = one.kind === 'constant' ? other : one;
  const isInteger =
    value.kind === 'choice' || (value.kind === 'columns' && value.type === 'integer');
  const pair = pairOf(operator, isInteger ? 'integer' : 'float');
  if ('a' in pair) return operator.refuse('input', 'of two calculated values is not supported');
  const { columns, operands } = pair;
  const sides = [true, false].map((isAbove) => flagsOf(operator, columns, operands, isAbove, true));
  return [asFlags(times(operator, sides[0]!, sides[1]!))];
}

/** One of two constants. */
function lowerWhere(operator: Operator): Columns[] {
  const flags = operator.array(0, 'boolean');
  const constants = [1, 2].map((i) => {
    const value = operator.value(i);
    return value.kind === 'constant'
      ? value
      : operator.refuse('input', 'of calculated values is not supported');
  });
  const { columns, operands } = together(operator, flags, constants);
  if (!operands.every((values) => values.every(Number.isFinite)))
    operator.refuse('input', 'of what is not finite is not supported');
  const part = (of: Columns, values: Float64Array): Columns => {
    const isPositive = values.every((value) => value >= 0);
    return {
      ...changed(of, constant('multiply', values)),
      type: 'float',
      ...(isPositive && { range: 'positive' as const }),
    };
  };
  // Of the two products one is 0.
  return [plus(operator, part(columns, operands[0]!), part(opposed(columns), operands[1]!))];
}
