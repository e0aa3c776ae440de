import {
  asFloats,
  type CellType,
  type Choice,
  type Columns,
  type Constant,
  type Part,
  shaped,
  shapeOf,
  type Value,
} from './columns.js';
import { notZero } from './compare.js';
import type { Operator } from './operator.js';
import { truncated } from './preprocessing.js';
import { reshape, type Shape, sizeOf } from './shape.js';
import type { LoweringTable } from './table.js';
import { tensorTypes } from './tensor.js';

/** What changes no numbers but their type, and leaves them in their order. */
export const reshapeTable: LoweringTable = {
  Identity: (operator) => [operator.value(0)],
  Constant: lowerConstant,
  ConstantOfShape: lowerConstantOfShape,
  Shape: lowerShape,
  Cast: lowerCast,
  Reshape: lowerReshape,
  Flatten: lowerFlatten,
  Squeeze: lowerSqueeze,
  Unsqueeze: lowerUnsqueeze,
  ZipMap: (operator) => [operator.columns(0, 'float')],
};

function lowerConstant(operator: Operator): Value[] {
  const tensor = operator.get('value');
  if (typeof tensor !== 'object' || !('dims' in tensor))
    return operator.refuse('', 'other constants than tensors are not supported');
  return [{ kind: 'constant', tensor, shape: tensor.dims }];
}

/** One number for each cell of a shape, of each row where that is the shape of rows. */
function lowerConstantOfShape(operator: Operator): Constant[] {
  const sizes = operator.value(0);
  if (sizes.kind !== 'sizes') operator.refuse('input', 'of another shape than of rows');
  const { shape } = sizes as { readonly shape: Shape };
  const isShape = shape.every((size) => size === null || (Number.isInteger(size) && size >= 1));
  if (!isShape || shape.filter((size) => size === null).length !== 1)
    operator.refuse('input', 'of another shape than of rows');
  const size = sizeOf(shape);
  if (size > operator.lowering.limits.features) operator.refuse('input', 'too many columns');
  operator.lowering.source.spend(4 * size);
  const [value] = operator.has('value') ? operator.numbers('value', 1) : [0];
  const values = new Float32Array(size).fill(value!);
  if (values[0] !== value) operator.refuse('value', 'expected a float');
  const tensor = { name: '', dims: [size], type: tensorTypes.float, values };
  return [{ kind: 'constant', tensor, shape }];
}

function lowerShape(operator: Operator): Value[] {
  if (operator.has('start') || operator.has('end'))
    operator.refuse('start', 'of some axes is not supported');
  return [{ kind: 'sizes', shape: shapeOf(operator.array(0)) }];
}

const castTypes: ReadonlyMap<number, CellType> = new Map([
  [tensorTypes.float, 'float'],
  [tensorTypes.int64, 'integer'],
  [tensorTypes.int32, 'integer'],
]);

function lowerCast(operator: Operator): Value[] {
  const to = operator.integer('to');
  const type = castTypes.get(to);
  const value = operator.value(0);
  if (value.kind === 'choice') {
    const isText = typeof value.labels?.values[0] === 'string';
    if (isText ? to !== tensorTypes.string : type === undefined)
      operator.refuse('to', `labels of type ${to} are not supported`);
    return [type ? { ...value, type } : value];
  }
  const columns = operator.array(0);
  if (columns.type === 'string' && to === tensorTypes.string) return [columns];
  if (columns.type === 'float' && to === tensorTypes.bool) return [notZero(columns)];
  if (columns.type === 'string' || type === undefined)
    return operator.refuse('to', `${columns.type}s to type ${to} are not supported`);
  const { signOf } = columns;
  // Signs as integers are labels: of inliers and outliers.
  if (signOf && columns.width === 1 && type === 'integer')
    return [outliers(signOf, shapeOf(columns))];
  if (type === 'float') return [castToFloats(columns)];
  if (columns.type !== 'boolean') return [truncated(columns)];
  // A flag as an integer is a label: 0 or 1.
  return [columns.width === 1 ? flagged(columns) : { ...columns, type }];
}

/** Numbers stay what they are, and what is known of them. */
function castToFloats(columns: Columns): Columns {
  const { range, predicts, type } = columns;
  if (type === 'float') return columns;
  return { ...asFloats(columns), ...(range && { range }), ...(predicts && { predicts }) };
}

const flagged = (flags: Columns): Choice => ({
  kind: 'choice',
  scores: flags,
  decide: 'positive',
  labels: { dtype: 'int64', values: Float64Array.of(0, 1) },
  shape: shapeOf(flags),
});

const outliers = (scores: Columns, shape: Shape): Choice => ({
  kind: 'choice',
  scores,
  decide: 'positive',
  labels: { dtype: 'int64', values: Float64Array.of(-1, 1) },
  shape,
});

function lowerReshape(operator: Operator): Value[] {
  const value = operator.value(0);
  const by = operator.value(1);
  if (by.kind === 'sizes') return [arranged(operator, value, by.shape)];
  const { values } = operator.constant(1);
  return [arranged(operator, value, Array.from(values as ArrayLike<number>))];
}

/** Columns, labels or a part of a softmax whose cells stay in order. */
function arranged(operator: Operator, value: Value, sizes: Shape): Value {
  if (value.kind === 'constant' || value.kind === 'sizes')
    return operator.refuse('input', 'of constants is not supported');
  const shape = reshape(ownShape(value), sizes);
  if (shape === null)
    return operator.refuse(
      'input',
      `[${sizesOf(ownShape(value))}] as [${sizesOf(sizes.slice(0, 8))}] is not supported`,
    );
  return value.kind === 'columns' ? shaped(value, shape) : { ...value, shape };
}

const ownShape = (value: Columns | Choice | Part): Shape =>
  value.kind === 'part' ? value.shape : shapeOf(value);

const sizesOf = (shape: Shape): string => shape.map((size) => size ?? 'rows').join(', ');

function lowerFlatten(operator: Operator): Columns[] {
  const input = operator.array(0);
  if (operator.integer('axis', 1) !== 1 || shapeOf(input)[0] !== null)
    operator.refuse('axis', 'another than that of rows is not supported');
  return [shaped(input, [null, input.width])];
}

function axesOf(operator: Operator): number[] {
  const { values } = operator.has('axes')
    ? { values: operator.integers('axes') }
    : operator.constant(1);
  return Array.from(values as ArrayLike<number>);
}

function lowerSqueeze(operator: Operator): Value[] {
  const value = operator.value(0);
  const shape = value.kind === 'choice' || value.kind === 'columns' ? shapeOf(value) : [];
  const all = shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const isGiven = operator.has('axes') || operator.maybeValue(1) !== null;
  const axes = isGiven ? axesOf(operator).map((axis) => (axis + shape.length) % shape.length) : all;
  if (!axes.every((axis) => shape[axis] === 1))
    operator.refuse('axes', 'of other sizes than 1 are not supported');
  const sizes = shape.filter((_, axis) => !axes.includes(axis));
  return [arranged(operator, value, sizes)];
}

function lowerUnsqueeze(operator: Operator): Value[] {
  const value = operator.value(0);
  const shape = value.kind === 'choice' || value.kind === 'columns' ? shapeOf(value) : [];
  const given = axesOf(operator);
  const rank = shape.length + given.length;
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
  if (rank > 8 || !axes.every((axis) => axis >= 0 && axis < rank))
    operator.refuse('axes', 'are not supported');
  const rest = [...shape];
  const sizes = Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!));
  return [arranged(operator, value, sizes)];
}
