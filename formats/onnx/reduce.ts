import { pick } from './arrange.js';
import { readAxes } from './axes.js';
import { type Columns, elementwise, followed, shapeOf } from './columns.js';
import type { Operator } from './operator.js';
import { type Shape, stridesOf, walk } from './shape.js';
import { partOf, sumOfExps } from './softmax.js';
import { products, sums } from './sums.js';
import type { LoweringTable } from './table.js';

/** Operators that make one number of all along some axes, and products of two values, whose sums they are. */
export const reduceTable: LoweringTable = {
  ReduceSum: (operator) => {
    const value = operator.value(0);
    if (value.kind === 'part') return [sumOfExps(operator, value)];
    return [sumsOf(operator, operator.array(0, 'float'))];
  },
  ReduceMean: lowerMean,
  ReduceSumSquare: (operator) => {
    const input = operator.array(0, 'float');
    const squares = followed(input, elementwise(input.width, [{ operation: 'square' }], 'float32'));
    return [sumsOf(operator, { ...squares, range: 'positive' })];
  },
  ReduceProd: lowerProducts,
  ReduceMax: (operator) => [partOf(operator, 'max')],
  ReduceLogSumExp: (operator) => [partOf(operator, 'log-sum')],
};

interface Groups {
  readonly groups: readonly Uint32Array[];
  readonly shape: Shape;
}

/** The cells that each one is made of. */
function groupsOf(operator: Operator, shape: Shape): Groups {
  const axes = readAxes(operator, shape.length);
  if (axes === null || axes.some((axis) => shape[axis] === null))
    return operator.refuse('axes', 'over rows is not supported');
  const keeps = operator.integer('keepdims', 1) !== 0;
  const strides = stridesOf(shape);
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const offsets = walk(
    shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
    strides,
  );
  const starts = walk(kept, strides);
  operator.lowering.source.spend(600 * starts.length);
  const groups = Array.from(starts, (start) => offsets.map((offset) => start + offset));
  return { groups, shape: keeps ? kept : kept.filter((_, axis) => !axes.includes(axis)) };
}

function sumsOf(operator: Operator, input: Columns): Columns {
  const { groups, shape } = groupsOf(operator, shapeOf(input));
  // One alone is what it is.
  if (groups[0]!.length === 1)
    return pick(
      operator,
      input,
      Uint32Array.from(groups, ([one]) => one!),
      shape,
    );
  return { ...sums(input, groups, new Float32Array(groups[0]!.length).fill(1)), shape };
}

function lowerMean(operator: Operator): Columns[] {
  const input = operator.array(0, 'float');
  const total = sumsOf(operator, input);
  const count = new Float64Array(total.width).fill(input.width / total.width);
  const divide = { operation: 'divide' as const, operands: count, rounded: true };
  const { range, predicts } = total;
  return [
    {
      ...followed(total, elementwise(total.width, [divide], 'float32')),
      ...(range && { range }),
      ...(predicts && { predicts }),
    },
  ];
}

/** Products from the first factor on. */
function lowerProducts(operator: Operator): Columns[] {
  const input = operator.array(0, 'float');
  const { groups, shape } = groupsOf(operator, shapeOf(input));
  const { length } = groups[0]!;
  if (length > 3) operator.refuse('axes', 'products of more than three are not supported');
  // Those of a row start at the last of the factors.
  const picks = Uint32Array.from(groups.flatMap((group) => Array.from(group).reverse()));
  return [{ ...products(pick(operator, input, picks, [null, picks.length]), length), shape }];
}
