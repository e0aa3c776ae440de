import type { EncodeColumn, Labels, Node, Operation } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import {
  asFloats,
  type CellType,
  type Columns,
  elementwise,
  followed,
  linked,
  shaped,
  shapeOf,
  type Value,
} from './columns.js';
import type { Operator } from './operator.js';
import type { LoweringTable } from './table.js';

export const preprocessingTable: LoweringTable = {
  Scaler: lowerScaler,
  Normalizer: (operator) => {
    const input = asFloats(operator.columns(0, 'float', 'integer'));
    return [normalized(operator, input, operator.text('norm', ['L1', 'L2', 'MAX'], 'MAX'))];
  },
  LpNormalization: lowerLpNormalization,
  Imputer: lowerImputer,
  Binarizer: lowerBinarizer,
  OneHotEncoder: lowerOneHotEncoder,
  LabelEncoder: lowerLabelEncoder,
};

/** (x − offset) · scale, doubles in float64 until they are given as floats. */
function lowerScaler(operator: Operator): Columns[] {
  const given = operator.columns(0, 'float', 'double', 'integer');
  const input = given.type === 'double' ? given : asFloats(given);
  const operations = [
    constant('subtract', spread(operator, 'offset', input.width)),
    constant('multiply', spread(operator, 'scale', input.width)),
  ];
  if (input.type === 'float')
    return [followed(input, elementwise(input.width, operations, 'float32'))];
  return [asFloats(followed(input, elementwise(input.width, operations, 'float64')))];
}

/** A number for each column, or one for all. */
function spread(operator: Operator, name: string, width: number): Float64Array {
  const values = operator.numbers(name);
  if (values.length !== width && values.length !== 1)
    operator.refuse(name, `expected ${width} numbers, found ${values.length}`);
  return Float64Array.from({ length: width }, (_, i) => values[values.length === 1 ? 0 : i]!);
}

const constant = (
  operation: 'add' | 'subtract' | 'multiply' | 'greater' | 'void' | 'fill',
  operands: Float64Array,
): Operation => ({ operation, operands, rounded: true });

/** Powers of two that keep squares of all floats within the range of doubles, and every row's norm above what counts as 0. */
const scaleUp = 2 ** 300;

function lowerLpNormalization(operator: Operator): Columns[] {
  const axis = operator.integer('axis', -1);
  if (axis !== 1 && axis !== -1) operator.refuse('axis', `${axis} is not supported: 1 is`);
  const power = operator.integer('p', 2);
  if (power !== 1 && power !== 2) operator.refuse('p', `${power} is not supported: 1 and 2 are`);
  return [normalized(operator, operator.columns(0, 'float'), power === 1 ? 'L1' : 'L2')];
}

function normalized(operator: Operator, input: Columns, norm: 'L1' | 'L2' | 'MAX'): Columns {
  const { width } = input;
  // As a head divides by the sum of scores, which is added up as there.
  if (norm === 'L1' && input.range && width > 1) return linked(input, 'normalize');
  // What onnxruntime divides by is the largest number, not the largest absolute one.
  if (norm === 'MAX' && !input.range)
    operator.refuse('norm', 'MAX of numbers that may be below 0 is not supported');
  const scaled = followed(
    input,
    elementwise(width, [constant('multiply', new Float64Array(width).fill(scaleUp))], 'float64'),
    width,
    'double',
  );
  const norms = { L1: 'l1', L2: 'l2', MAX: 'max' } as const;
  const rows: Node = { kind: 'row-norm', features: width, nonFinite: 'any', norm: norms[norm] };
  return asFloats(followed(scaled, rows));
}

function lowerImputer(operator: Operator): Columns[] {
  const input = operator.columns(0, 'float', 'integer');
  const { width } = input;
  const isInteger = input.type === 'integer';
  const name = isInteger ? 'imputed_value_int64s' : 'imputed_value_floats';
  const values = operator.numbers(name);
  // Where there are neither one nor as many as columns, the first counts.
  const fill = Float64Array.from({ length: width }, (_, i) => {
    return values[values.length === width ? i : 0] ?? Number.NaN;
  });
  if (!fill.every(Number.isFinite)) operator.refuse(name, 'expected finite numbers');
  const replaced = operator.number(isInteger ? 'replaced_value_int64' : 'replaced_value_float', 0);
  const type = isInteger ? null : 'float32';
  if (Number.isNaN(replaced))
    return [followed(input, elementwise(width, [constant('fill', fill)], type))];
  // NaN would stay, and be taken for what is replaced here: rows with it are refused.
  const operations = [
    constant('void', new Float64Array(width).fill(replaced)),
    constant('fill', fill),
  ];
  return [followed(input, { ...elementwise(width, operations, type), nonFinite: 'refuse' })];
}

function lowerBinarizer(operator: Operator): Columns[] {
  const input = operator.columns(0, 'float');
  const threshold = Math.fround(operator.number('threshold', 0));
  const operation = constant('greater', new Float64Array(input.width).fill(threshold));
  return [{ ...followed(input, elementwise(input.width, [operation], 'float32')), range: 'unit' }];
}

/** Each column becomes one for each category. Numbers are truncated; what is no category has zeros, or is refused. */
function lowerOneHotEncoder(operator: Operator): Columns[] {
  const input = operator.columns(0, 'float', 'double', 'integer', 'string');
  const isText = input.type === 'string';
  const strings = isText ? (operator.maybeStrings('cats_strings') ?? []) : null;
  const numbers = isText ? null : Float64Array.from(operator.integers('cats_int64s'));
  const count = (strings ?? numbers!).length;
  const name = isText ? 'cats_strings' : 'cats_int64s';
  if (count === 0 || new Set<unknown>(strings ?? numbers!).size !== count)
    operator.refuse(name, 'expected categories, each once');
  const zeros = operator.integer('zeros', 1) !== 0;
  const width = count * input.width;
  if (width > operator.lowering.limits.features) operator.refuse(name, 'too many columns');
  const marks = Array.from({ length: count }, (_, i) => i);
  const column: EncodeColumn = {
    strings,
    numbers,
    missing: zeros,
    unknown: zeros,
    width: count,
    values: null,
    marks: Int32Array.from(zeros ? [...marks, -1, -1] : marks),
  };
  const marked = encoded(truncated(input), column, width, 'float');
  return [{ ...shaped(marked, [...shapeOf(input), count]), range: 'unit' }];
}

/** Floats as integers. */
export function truncated(input: Columns): Columns {
  if (input.type !== 'float' && input.type !== 'double') return input;
  const node = elementwise(input.width, [{ operation: 'trunc' }], 'float64');
  return followed(input, node, input.width, 'integer');
}

export function encoded(
  input: Columns,
  column: EncodeColumn,
  width: number,
  type: CellType,
): Columns {
  const columns = new Array<EncodeColumn>(input.width).fill(column);
  const node: Node = {
    kind: 'encode',
    features: input.width,
    nonFinite: 'any',
    type: type === 'float' ? 'float32' : 'float64',
    sparse: false,
    columns,
  };
  return followed(input, node, width, type);
}

/** Keys and what they become, or the default. Of labels of classes the labels change. */
function lowerLabelEncoder(operator: Operator): Value[] {
  const keys = readSide(operator, 'keys');
  const values = readSide(operator, 'values');
  if (keys.values.length !== values.values.length)
    operator.refuse('', `${keys.values.length} keys of ${values.values.length} values`);
  const input = operator.value(0);
  if (input.kind === 'choice') {
    if (!input.labels) return operator.refuse('input', 'of positions it is not supported');
    const labels = relabel(operator, input.labels, keys, values);
    return [{ ...input, labels }];
  }
  const columns = operator.columns(0, keys.type === 'double' ? 'float' : keys.type);
  if (values.type === 'string') operator.refuse('values_strings', 'strings are not supported here');
  const otherwise = readDefault(operator, values.type) as number;
  const isText = keys.type === 'string';
  const known = [...new Set<string | number>(keys.values)].filter((key) => !Number.isNaN(key));
  // Of a key that comes twice the first counts.
  const valueFor = (key: string | number) => {
    const at = keys.values.findIndex((one) => Object.is(one, key));
    return at < 0 ? otherwise : (values.values[at] as number);
  };
  if (known.length > 4096) operator.refuse('keys', 'more than 4096 are not supported');
  const column: EncodeColumn = {
    strings: isText ? (known as string[]) : null,
    numbers: isText ? null : Float64Array.from(known as number[]),
    missing: true,
    unknown: true,
    width: 1,
    values: Float64Array.from([...known.map(valueFor), valueFor(Number.NaN), otherwise]),
    marks: null,
  };
  return [encoded(columns, column, columns.width, values.type)];
}

interface Side {
  readonly type: 'string' | 'integer' | 'float' | 'double';
  readonly values: readonly (string | number)[];
}

const sides = [
  ['strings', 'string'],
  ['int64s', 'integer'],
  ['floats', 'float'],
] as const;

function readSide(operator: Operator, name: 'keys' | 'values'): Side {
  for (const [suffix, type] of sides) {
    const own = `${name}_${suffix}`;
    if (!operator.has(own)) continue;
    const values = type === 'string' ? operator.maybeStrings(own)! : operator.numbers(own);
    return { type, values: Array.from<string | number>(values) };
  }
  // Of version 1 there is one list for both directions.
  return operator.refuse('', `${name} are not given as strings, int64s or floats`);
}

function readDefault(operator: Operator, type: Side['type']): string | number {
  if (operator.has('default_tensor'))
    operator.refuse('default_tensor', 'a tensor is not supported');
  if (type === 'integer') return operator.number('default_int64', -1);
  if (type === 'float') return operator.number('default_float', -0);
  const text = operator.get('default_string') ?? '_Unused';
  return typeof text === 'string' ? text : operator.refuse('default_string', 'expected a string');
}

function relabel(operator: Operator, labels: Labels, keys: Side, values: Side): Labels {
  const otherwise = readDefault(operator, values.type);
  const changed = Array.from<string | number, string | number>(labels.values, (label) => {
    const at = keys.values.indexOf(label);
    return at < 0 ? otherwise : values.values[at]!;
  });
  if (new Set(changed).size !== labelCount(labels))
    operator.refuse('', 'two classes become one, which is not supported');
  if (values.type === 'string') return { dtype: 'str', values: changed as string[] };
  const dtype = values.type === 'integer' ? 'int64' : 'float32';
  return { dtype, values: Float64Array.from(changed as number[]) };
}
