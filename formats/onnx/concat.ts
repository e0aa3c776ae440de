import type { Node } from '../../src/ir/index.js';
import { pick } from './arrange.js';
import { axisOf } from './axes.js';
import {
  asFloats,
  type Columns,
  type Constant,
  roundToSingle,
  shaped,
  shapeOf,
  type Value,
} from './columns.js';
import { joined } from './join.js';
import type { Operator } from './operator.js';
import { type Shape, sizeOf } from './shape.js';
import type { LoweringTable } from './table.js';

/** What puts values side by side. */
export const concatTable: LoweringTable = {
  Concat: lowerConcat,
  FeatureVectorizer: (operator) => {
    const values = operator.node.inputs.map((_, i) => asFloats(operator.columns(i)));
    return [joined(operator, values)];
  },
};

function lowerConcat(operator: Operator): Value[] {
  const { inputs } = operator.node;
  const given = inputs.map((_, i) => operator.value(i));
  if (given.some(({ kind }) => kind === 'sizes')) return [lowerSizes(operator, given)];
  const found = given.map((value, i) => (value.kind === 'constant' ? null : operator.array(i)));
  const like = found.find((value) => value !== null);
  if (!like) return operator.refuse('input', 'of constants is not supported');
  const values = found.map((value, i) => value ?? repeated(operator, given[i] as Constant, like));
  const shape = shapeOf(like);
  const axis = axisOf(operator.integer('axis'), shape);
  const isAlike = (own: Shape) =>
    own.length === shape.length && own.every((size, i) => i === axis || size === shape[i]);
  if (
    shape[axis] === null ||
    shape[axis] === undefined ||
    !values.every((v) => isAlike(shapeOf(v)))
  )
    return operator.refuse('axis', `${axis} of these values is not supported`);
  const sizes = values.map((value) => shapeOf(value)[axis]!);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const both = joined(operator, values);
  const outer = sizeOf(shape.slice(0, axis));
  const starts = values.map((_, i) =>
    values.slice(0, i).reduce((sum, { width }) => sum + width, 0),
  );
  const order = new Uint32Array(both.width);
  let at = 0;
  for (let o = 0; o < outer; o++)
    values.forEach(({ width }, i) => {
      const run = width / outer;
      for (let k = 0; k < run; k++) order[at++] = starts[i]! + o * run + k;
    });
  return [
    pick(
      operator,
      both,
      order,
      shape.map((size, i) => (i === axis ? total : size)),
    ),
  ];
}

/** Shapes one after another. */
function lowerSizes(operator: Operator, values: readonly Value[]): Value {
  const shape = values.flatMap((value, i) =>
    value.kind === 'sizes' ? value.shape : Array.from(operator.constant(i).values as Float64Array),
  );
  if (shape.length > 8) operator.refuse('input', 'more than 8 axes are not supported');
  return { kind: 'sizes', shape };
}

/** Numbers that every row has, as columns beside others: products of nothing, which are 1, times those. */
function repeated(operator: Operator, { tensor, shape }: Constant, like: Columns): Columns {
  const { values } = tensor;
  if (!shape.includes(null) || !(values instanceof Float32Array) || like.type !== 'float')
    return operator.refuse('input', 'of constants is not supported');
  const { source } = like;
  const ones: Node = {
    kind: 'polynomial',
    features: source.length,
    nonFinite: 'any',
    starts: new Uint32Array(values.length + 1),
    factors: new Uint32Array(0),
  };
  const scaled: Node = {
    kind: 'elementwise',
    features: values.length,
    nonFinite: 'any',
    type: 'float32',
    operations: [{ operation: 'multiply', operands: Float64Array.from(values), rounded: true }],
  };
  const cost = 400 + 12 * values.length;
  const isPositive = values.every((value) => value >= 0);
  return shaped(
    {
      kind: 'columns',
      source,
      steps: [roundToSingle(source.length), ones, scaled],
      cost,
      width: values.length,
      type: 'float',
      ...(isPositive && { range: 'positive' as const }),
    },
    shape,
  );
}
