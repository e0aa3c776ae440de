import type { Node, Operation } from '../../src/ir/index.js';
import {
  asFloats,
  type CellType,
  type Choice,
  type Columns,
  followed,
  stepsOf,
  type Value,
} from './columns.js';
import { labelsOf, type Operator } from './operator.js';
import { truncated } from './preprocessing.js';
import type { LoweringTable } from './table.js';
import { tensorTypes } from './tensor.js';

/** What changes no numbers: the shape of values, their types, and which columns stand where. */
export const arrangeTable: LoweringTable = {
  Identity: (operator) => [operator.value(0)],
  Constant: lowerConstant,
  Cast: lowerCast,
  Reshape: lowerReshape,
  Flatten: (operator) => [operator.columns(0)],
  Squeeze: keepChoice,
  ZipMap: (operator) => [operator.columns(0, 'float')],
  Concat: lowerConcat,
  FeatureVectorizer: lowerConcat,
  ArrayFeatureExtractor: lowerExtractor,
  Gather: lowerGather,
};

function lowerConstant(operator: Operator): Value[] {
  const tensor = operator.get('value');
  if (typeof tensor !== 'object' || !('dims' in tensor))
    return operator.refuse('', 'other constants than tensors are not supported');
  return [{ kind: 'constant', tensor }];
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
    // Labels that were made floats on the way become integers again at its end.
    const isText = value.labels !== null && typeof value.labels.values[0] === 'string';
    if (isText ? to !== tensorTypes.string : type === undefined)
      operator.refuse('to', `labels of type ${to} are not supported`);
    return [value];
  }
  const columns = operator.columns(0);
  if (columns.type === 'string' && to === tensorTypes.string) return [columns];
  if (columns.type === 'string' || type === undefined)
    return operator.refuse('to', `${columns.type}s to type ${to} are not supported`);
  const { signOf } = columns;
  // Signs as integers are labels: of inliers and outliers.
  if (signOf && columns.width === 1 && type === 'integer') return [outliers(signOf)];
  return [type === 'float' ? asFloats(columns) : truncated(columns)];
}

const outliers = (scores: Columns): Choice => ({
  kind: 'choice',
  scores,
  decide: 'positive',
  labels: { dtype: 'int64', values: Float64Array.of(-1, 1) },
});

/** Rows stay rows. */
function lowerReshape(operator: Operator): Value[] {
  const value = operator.value(0);
  if (value.kind === 'constant') return operator.refuse('input', 'of constants is not supported');
  const { values } = operator.constant(1);
  const sizes = Array.from(values as Iterable<number>);
  const width = value.kind === 'choice' ? 1 : value.width;
  const isColumn =
    width === 1 && sizes.length <= 2 && sizes.every((size) => size === -1 || size === 1);
  const keeps = sizes.length === 2 && (sizes[0] === -1 || sizes[0] === 0) && sizes[1] === width;
  const infers = sizes.length === 2 && sizes[0] === 0 && sizes[1] === -1;
  if (!(isColumn || keeps || infers))
    operator.refuse('input', `rows of ${width} as [${sizes.join(', ')}] are not supported`);
  return [value];
}

function keepChoice(operator: Operator): Value[] {
  const value = operator.value(0);
  return value.kind === 'choice' ? [value] : operator.refuse('input', 'is not supported here');
}

function lowerConcat(operator: Operator): Columns[] {
  const { node } = operator;
  if (node.operator === 'Concat') {
    const axis = operator.integer('axis');
    if (axis !== 1 && axis !== -1) operator.refuse('axis', `${axis} is not supported: 1 is`);
  }
  const values = node.inputs.map((_, i) => operator.columns(i));
  if (values.length === 0) operator.refuse('input', 'nothing to put side by side');
  if (node.operator === 'Concat') return [joined(operator, values)];
  return [joined(operator, values.map(asFloats))];
}

/** Values side by side. Steps that all have in common are done once. */
export function joined(operator: Operator, values: readonly Columns[]): Columns {
  const [first] = values as [Columns];
  if (values.length === 1) return first;
  if (values.some(({ type }) => type !== first.type))
    operator.refuse('input', 'of values of different types is not supported');
  const width = values.reduce((sum, value) => sum + value.width, 0);
  if (width > operator.lowering.limits.features) operator.refuse('input', 'too many columns');
  const range = rangeOf(values);
  const cost = values.reduce((sum, value) => sum + value.cost, 200 * values.length);
  // Values of values of values grow with each use.
  operator.lowering.source.spend(cost);
  const own = { kind: 'columns' as const, cost, width, type: first.type, ...(range && { range }) };
  if (values.every(({ steps }) => steps.length === 0)) {
    const source = Uint32Array.from(values.flatMap((value) => Array.from(value.source)));
    return { ...own, source, steps: [] };
  }
  const all = values.map(stepsOf);
  let common = 0;
  if (values.every(({ source }) => source === first.source))
    while (common < all[0]!.length - 1 && all.every((steps) => steps[common] === all[0]![common]))
      common++;
  // Without steps in common each part chooses its columns itself.
  const source =
    common > 0
      ? first.source
      : Uint32Array.from(new Set(values.flatMap((value) => Array.from(value.source))));
  const places = new Map(Array.from(source, (column, i) => [column, i]));
  const parts = values.map((value, i) => {
    const steps = all[i]!.slice(common);
    const columns =
      common > 0 ? null : Uint32Array.from(value.source, (column) => places.get(column)!);
    const node: Node | null = steps.length > 1 ? { kind: 'pipeline', steps } : (steps[0] ?? null);
    return { columns, node };
  });
  const features = common > 0 ? widthAfter(operator, first, common) : source.length;
  const union: Node = { kind: 'union', features, parts, sparse: false };
  const [second] = values.slice(1);
  const isPair = values.length === 2 && isOpposite(first, second!);
  const link = isPair && { link: { of: second!, probability: 'margins' as const } };
  return { ...own, source, steps: [...all[0]!.slice(0, common), union], ...link };
}

function rangeOf(values: readonly Columns[]): Columns['range'] {
  if (values.every(({ range }) => range === 'unit')) return 'unit';
  return values.every(({ range }) => range) ? 'positive' : undefined;
}

/** Whether a column is the opposite of another. */
function isOpposite(column: Columns, of: Columns): boolean {
  const last = column.steps.at(-1);
  const isSame =
    column.width === 1 &&
    column.source === of.source &&
    column.steps.length === of.steps.length + 1 &&
    of.steps.every((step, i) => step === column.steps[i]);
  if (!isSame || last?.kind !== 'elementwise' || last.operations.length !== 1) return false;
  const [one] = last.operations as [Operation];
  return one.operation === 'negative' || (one.operation === 'multiply' && one.operands[0] === -1);
}

/** Columns that a step is given. */
function widthAfter(operator: Operator, { steps, source }: Columns, count: number): number {
  const next = steps[count];
  if (count === 0) return source.length;
  return next && 'features' in next ? next.features : operator.refuse('input', 'not supported');
}

/** Columns by their numbers, or labels of what is chosen. */
function lowerExtractor(operator: Operator): Value[] {
  const of = operator.value(0);
  const by = operator.value(1);
  if (of.kind === 'constant' && by.kind === 'choice') {
    const labels = labelsOf(of.tensor);
    if (labels === null || by.labels !== null || labels.values.length !== by.scores.width)
      return operator.refuse('input', 'labels that are not supported');
    const choice: Choice = { ...by, labels };
    return [choice];
  }
  return [chosen(operator)];
}

function lowerGather(operator: Operator): Value[] {
  const axis = operator.integer('axis', 0);
  if (axis !== 1 && axis !== -1) operator.refuse('axis', `${axis} is not supported: 1 is`);
  return [chosen(operator)];
}

function chosen(operator: Operator): Columns {
  const input = operator.columns(0);
  const { values } = operator.constant(1);
  const { width } = input;
  const isIndex = (index: unknown) =>
    Number.isInteger(index) && (index as number) >= -width && (index as number) < width;
  if (values.length === 0 || !Array.from<unknown>(values).every(isIndex))
    operator.refuse('input', `expected numbers of ${width} columns`);
  if (values.length > operator.lowering.limits.features) operator.refuse('input', 'too many');
  const columns = Uint32Array.from(values as ArrayLike<number>, (index) =>
    index < 0 ? index + width : index,
  );
  const { link } = input;
  if (link?.probability === 'margins' && columns.length === 1 && columns[0] === 1) return link.of;
  if (input.steps.length === 0)
    return {
      ...input,
      source: columns.map((column) => input.source[column]!),
      width: columns.length,
    };
  if (input.type === 'string')
    operator.refuse('input', 'of strings that are calculated is not supported');
  const select: Node = { kind: 'select', features: width, columns };
  const { range } = input;
  return { ...followed(input, select, columns.length), ...(range && { range }) };
}
