import type { EncodeColumn, Node } from '../../src/ir/index.js';
import { axisOf } from './axes.js';
import {
  type Choice,
  type Columns,
  followed,
  positions,
  shaped,
  shapeOf,
  type Value,
} from './columns.js';
import { labelsOf, type Operator } from './operator.js';
import { encoded } from './preprocessing.js';
import { type Shape, stridesOf, walk } from './shape.js';
import type { LoweringTable } from './table.js';

/** Which columns stand where. */
export const arrangeTable: LoweringTable = {
  ArrayFeatureExtractor: lowerExtractor,
  Gather: lowerGather,
  Slice: lowerSlice,
  Transpose: lowerTranspose,
};

/** Some columns, in this order and shape. */
export function pick(
  operator: Operator,
  input: Columns,
  picks: Uint32Array,
  shape: Shape,
): Columns {
  const { width, link, range, predicts } = input;
  if (picks.length === width && picks.every((column, i) => column === i))
    return shaped(input, shape);
  if (picks.length > operator.lowering.limits.features)
    operator.refuse('input', 'too many columns');
  operator.lowering.source.spend(4 * picks.length);
  if (link?.probability === 'margins' && picks.length === 1 && picks[0] === 1)
    return shaped(link.of, shape);
  if (input.steps.length === 0) {
    const source = picks.map((column) => input.source[column]!);
    return shaped({ ...input, source, width: picks.length }, shape);
  }
  if (input.type === 'string')
    operator.refuse('input', 'of strings that are calculated is not supported');
  const select: Node = { kind: 'select', features: width, columns: picks };
  const found = shaped(followed(input, select, picks.length), shape);
  return { ...found, ...(range && { range }), ...(predicts && { predicts }) };
}

/** Some places along an axis, by their numbers. `sizes`: the axes that take its place. */
function along(
  operator: Operator,
  input: Columns,
  axis: number,
  indices: ArrayLike<number>,
  sizes: readonly number[],
): Columns {
  const shape = shapeOf(input);
  const size = shape[axis];
  if (size === null || size === undefined)
    return operator.refuse('axis', `${axis} of ${shape.length} is not supported`);
  const isIndex = (index: number) => Number.isInteger(index) && index >= -size && index < size;
  if (indices.length === 0 || !Array.from(indices).every(isIndex))
    operator.refuse('input', `expected numbers of ${size} columns`);
  if ((input.width / size) * indices.length > operator.lowering.limits.features)
    operator.refuse('input', 'too many columns');
  const strides = stridesOf(shape);
  const starts = walk([...shape.slice(0, axis), 1], strides);
  const ends = walk(shape.slice(axis + 1), strides.slice(axis + 1));
  const picks = new Uint32Array(starts.length * indices.length * ends.length);
  let at = 0;
  for (const start of starts)
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]! < 0 ? indices[i]! + size : indices[i]!;
      for (const end of ends) picks[at++] = start + index * strides[axis]! + end;
    }
  return pick(operator, input, picks, [
    ...shape.slice(0, axis),
    ...sizes,
    ...shape.slice(axis + 1),
  ]);
}

/** Columns by their numbers, labels of what is chosen, or what a table has for a column. */
function lowerExtractor(operator: Operator): Value[] {
  const of = operator.value(0);
  if (of.kind !== 'constant') {
    const input = operator.array(0);
    const { values } = operator.constant(1);
    const axis = shapeOf(input).length - 1;
    return [along(operator, input, axis, values as ArrayLike<number>, [values.length])];
  }
  const by = operator.value(1);
  const { tensor } = of;
  const labels = labelsOf(tensor);
  if (by.kind === 'choice' && labels) {
    if (by.labels !== null || labels.values.length !== by.scores.width)
      return operator.refuse('input', 'labels that are not supported');
    const choice: Choice = { ...by, labels, shape: [1, null] };
    return [choice];
  }
  return [lookUp(operator, tensor.values, tensor.dims)];
}

/** Of each row the place that a column says, along the last axis of a table. */
function lookUp(operator: Operator, values: ArrayLike<unknown>, dims: readonly number[]): Columns {
  const by = operator.array(1, 'integer');
  const count = dims.at(-1);
  if (by.width !== 1 || !count || !(values instanceof Float32Array))
    return operator.refuse('input', 'of such a table is not supported');
  const width = values.length / count;
  operator.lowering.source.spend(16 * values.length);
  const { values: numbers } = positions(count);
  const column: EncodeColumn = {
    strings: null,
    numbers: Float64Array.from(numbers as ArrayLike<number>),
    missing: false,
    unknown: false,
    width,
    values: Float64Array.from(
      { length: values.length },
      (_, i) => values[(i % width) * count + Math.floor(i / width)]!,
    ),
    marks: null,
  };
  const found = encoded(shaped(by, [null, 1]), column, width, 'float');
  return shaped(found, dims.length === 1 ? [1, null] : [...dims.slice(0, -1), null]);
}

function lowerGather(operator: Operator): Value[] {
  const { values, dims } = operator.constant(1);
  const indices = values as ArrayLike<number>;
  const of = operator.value(0);
  if (of.kind === 'sizes') {
    const found = Array.from(indices, (index) => of.shape[axisOf(index, of.shape)]);
    if (dims.length !== 1 || found.length > 8 || found.includes(undefined))
      operator.refuse('input', 'of these sizes is not supported');
    return [{ kind: 'sizes', shape: found as Shape }];
  }
  const input = operator.array(0);
  const axis = axisOf(operator.integer('axis', 0), shapeOf(input));
  return [along(operator, input, axis, indices, dims)];
}

/** Runs of places along axes: attributes of old versions, and inputs since version 10. */
function lowerSlice(operator: Operator): Columns[] {
  let found = operator.array(0);
  const read = (name: string, index: number): number[] | null => {
    const isInput = operator.maybeValue(index) !== null;
    const values = isInput ? operator.constant(index).values : operator.maybeNumbers(name);
    return values && Array.from(values as ArrayLike<number>);
  };
  const starts = read('starts', 1) ?? [];
  const ends = read('ends', 2) ?? [];
  const axes = read('axes', 3) ?? starts.map((_, i) => i);
  const steps = read('steps', 4) ?? starts.map(() => 1);
  starts.forEach((start, i) => {
    const shape = shapeOf(found);
    const axis = axisOf(axes[i] ?? shape.length, shape);
    const size = shape[axis] ?? 0;
    if (size === 0 || steps[i] !== 1)
      operator.refuse('axes', 'over rows, or by other steps than 1, is not supported');
    const place = (at: number | undefined) =>
      Math.min(Math.max(at === undefined ? 0 : at < 0 ? at + size : at, 0), size);
    const [first, end] = [place(start), place(ends[i])];
    const indices = Array.from({ length: Math.max(end - first, 0) }, (_, k) => first + k);
    found = along(operator, found, axis, indices, [indices.length]);
  });
  return [found];
}

function lowerTranspose(operator: Operator): Columns[] {
  const input = operator.array(0);
  const shape = shapeOf(input);
  const axes = shape.map((_, axis) => axis);
  const order = operator.has('perm') ? Array.from(operator.integers('perm')) : axes.toReversed();
  if (order.length !== axes.length || !axes.every((axis) => order.includes(axis)))
    operator.refuse('perm', `expected each of ${axes.length} axes`);
  const strides = stridesOf(shape);
  const to = order.map((axis) => shape[axis]!);
  return [
    pick(
      operator,
      input,
      walk(
        to,
        order.map((axis) => strides[axis]!),
      ),
      to,
    ),
  ];
}
