import { pick } from './arrange.js';
import {
  asFloats,
  type CellType,
  type Columns,
  type Constant,
  elementwise,
  followed,
  shapeOf,
} from './columns.js';
import { joined } from './join.js';
import type { Operator } from './operator.js';
import { broadcast, type Shape, sizeOf, spread } from './shape.js';
import { products, sums } from './sums.js';

/** Two values of one shape: columns and constants, each repeated as ONNX repeats them; or both columns. */
export type Pair =
  | { readonly columns: Columns; readonly operands: Float64Array; readonly first: boolean }
  | { readonly a: Columns; readonly b: Columns };

/** The first two inputs. */
export function pairOf(operator: Operator, type: CellType = 'float'): Pair {
  if (operator.node.inputs.length !== 2) operator.refuse('input', 'expected two');
  const [one, other] = [operator.value(0), operator.value(1)];
  if (one.kind !== 'constant' && other.kind !== 'constant')
    return sameShape(operator, operator.array(0, type), operator.array(1, type));
  const first = one.kind === 'constant';
  const constant = (first ? one : other) as Constant;
  const { columns, operands } = together(operator, operator.array(first ? 1 : 0, type), [constant]);
  return { columns, operands: operands[0]!, first };
}

export function sameShape(operator: Operator, one: Columns, other: Columns) {
  const shape = shapeWith(operator, shapeOf(one), shapeOf(other));
  return { a: repeated(operator, one, shape), b: repeated(operator, other, shape) };
}

/** Columns and constants, repeated to the shape that all have together. */
export function together(
  operator: Operator,
  columns: Columns,
  constants: readonly Constant[],
): { readonly columns: Columns; readonly operands: readonly Float64Array[] } {
  const all = constants.map(({ shape }) => shape);
  const shape = all.reduce((sum, one) => shapeWith(operator, sum, one), shapeOf(columns));
  const operands = constants.map(({ tensor: { values }, shape: own }) => {
    const fits = columns.type === 'integer' || values instanceof Float32Array;
    if (!ArrayBuffer.isView(values) || !fits) return operator.refuse('input', 'expected floats');
    return Float64Array.from(spread(own, shape), (place) => values[place]!);
  });
  return { columns: repeated(operator, columns, shape), operands };
}

function shapeWith(operator: Operator, a: Shape, b: Shape): Shape {
  const shape = broadcast(a, b) ?? operator.refuse('input', `shapes do not go together`);
  const size = sizeOf(shape);
  if (size > operator.lowering.limits.features) operator.refuse('input', 'too many columns');
  operator.lowering.source.spend(16 * size);
  return shape;
}

const repeated = (operator: Operator, columns: Columns, shape: Shape): Columns =>
  pick(operator, columns, spread(shapeOf(columns), shape), shape);

/** a + sign · b of one shape, each sum rounded once: products with 1 are exact. */
export const plus = (operator: Operator, a: Columns, b: Columns, sign = 1): Columns =>
  added(operator, [a, b], Float32Array.of(1, sign));

/** The sum of values. */
export function total(operator: Operator, values: readonly Columns[]): Columns {
  const shape = values.map(shapeOf).reduce((sum, own) => shapeWith(operator, sum, own));
  const all = values.map((value) => repeated(operator, value, shape));
  return added(operator, all, new Float32Array(all.length).fill(1));
}

function added(
  operator: Operator,
  values: readonly Columns[],
  coefficients: Float32Array,
): Columns {
  const [{ width }] = values as [Columns];
  operator.lowering.source.spend(600 * width + 4 * width * values.length);
  const groups = Array.from({ length: width }, (_, i) =>
    Uint32Array.from(values, (_value, k) => k * width + i),
  );
  const both = joined(operator, values);
  return { ...sums(both, groups, coefficients), shape: shapeOf(values[0]!) };
}

/** a · b of one shape. */
export function times(operator: Operator, a: Columns, b: Columns): Columns {
  const { width } = a;
  const order = Uint32Array.from({ length: 2 * width }, (_, i) => (i % 2) * width + (i >> 1));
  const both = pick(operator, joined(operator, [a, b]), order, [null, order.length]);
  return { ...products(both, 2), shape: shapeOf(a) };
}

/**
 * a / b of one shape: a · (1 / b) in float64, rounded to float32, is the quotient of floats rounded once. That of two floats is never as near to the
 * middle of others as what float64 loses, but where it is below the smallest normal one.
 */
export function over(operator: Operator, a: Columns, b: Columns): Columns {
  const double = (columns: Columns, operation: 'positive' | 'reciprocal') =>
    followed(columns, elementwise(columns.width, [{ operation }], 'float64'), a.width, 'double');
  const found = asFloats(times(operator, double(a, 'positive'), double(b, 'reciprocal')));
  return a.range && b.range ? { ...found, range: 'positive' } : found;
}
