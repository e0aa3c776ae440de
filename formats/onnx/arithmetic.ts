import type { ArithmeticName, FunctionName, Operation } from '../../src/ir/index.js';
import { joined } from './arrange.js';
import {
  type Choice,
  type Columns,
  elementwise,
  followed,
  linked,
  margins,
  opposite,
  product,
} from './columns.js';
import { logistic, rowOf } from './linear.js';
import type { Operator } from './operator.js';
import type { LoweringTable } from './table.js';

/** ONNX's own operators on floats. */
export const arithmeticTable: LoweringTable = {
  Add: lowerAdd,
  Sum: lowerAdd,
  Sub: lowerSub,
  Mul: (operator) => lowerPair(operator, 'multiply'),
  Div: lowerDiv,
  Max: (operator) => lowerPair(operator, 'maximum'),
  Min: (operator) => lowerPair(operator, 'minimum'),
  Clip: lowerClip,
  Pow: lowerPow,
  Relu: (operator) => {
    const input = operator.columns(0, 'float');
    return [{ ...withOperand(input, 'maximum', fill(input, 0)), range: 'positive' }];
  },
  Sigmoid: (operator) => [logistic(operator.columns(0, 'float'))],
  Abs: lowerFunction('absolute'),
  Neg: (operator) => [opposite(operator.columns(0, 'float'))],
  Sign: (operator) => {
    const of = operator.columns(0, 'float');
    const sign = followed(of, elementwise(of.width, [{ operation: 'sign' }], 'float32'));
    return [{ ...sign, signOf: of }];
  },
  Sqrt: lowerFunction('sqrt'),
  Exp: lowerFunction('exp'),
  Log: lowerFunction('log'),
  Reciprocal: lowerFunction('reciprocal'),
  Floor: lowerFunction('floor'),
  Ceil: lowerFunction('ceil'),
  Round: lowerFunction('rint'),
  Tanh: lowerFunction('tanh'),
  Softmax: lowerSoftmax,
  ArgMax: (operator) => [lowerChoice(operator, 'argmax')],
  ArgMin: (operator) => [lowerChoice(operator, 'argmin')],
};

function lowerFunction(operation: FunctionName): (operator: Operator) => Columns[] {
  return (operator) => {
    const input = operator.columns(0, 'float');
    return [followed(input, elementwise(input.width, [{ operation }], 'float32'))];
  };
}

const withOperand = (
  columns: Columns,
  operation: ArithmeticName,
  operands: Float64Array,
): Columns => {
  const one: Operation = { operation, operands, rounded: true };
  return followed(columns, elementwise(columns.width, [one], 'float32'));
};

const fill = (columns: Columns, value: number): Float64Array =>
  new Float64Array(columns.width).fill(value);

/** The columns of two inputs, of which the other is a row of constants; null where both are columns. */
function operandOf(
  operator: Operator,
): { readonly columns: Columns; readonly operands: Float64Array; readonly first: boolean } | null {
  if (operator.node.inputs.length !== 2) return null;
  const first = operator.value(0).kind === 'constant';
  if (!first && operator.value(1).kind !== 'constant') return null;
  const columns = operator.columns(first ? 1 : 0, 'float');
  const tensor = operator.constant(first ? 0 : 1);
  if (!(tensor.values instanceof Float32Array)) operator.refuse('input', 'expected floats');
  const { length } = tensor.values;
  // One column and several constants become several columns.
  const wide = columns.width === 1 && length > 1 ? repeated(operator, columns, length) : columns;
  return { columns: wide, operands: rowOf(operator, tensor, wide.width), first };
}

function repeated(operator: Operator, columns: Columns, width: number): Columns {
  if (width > operator.lowering.limits.features) operator.refuse('input', 'too many columns');
  const node = { kind: 'select' as const, features: 1, columns: new Uint32Array(width) };
  return followed(columns, node, width);
}

function lowerPair(operator: Operator, operation: ArithmeticName): Columns[] {
  const pair =
    operandOf(operator) ?? operator.refuse('input', 'of two calculated values is not supported');
  const { columns, operands } = pair;
  const turns = operation === 'multiply' && operands.every((operand) => operand === -1);
  if (turns && columns.link?.probability === 'margins') return [margins(opposite(columns.link.of))];
  return [withOperand(columns, operation, operands)];
}

/** Sums of two or more values, one after another. */
function lowerAdd(operator: Operator): Columns[] {
  const pair = operandOf(operator);
  if (pair) return [withOperand(pair.columns, 'add', pair.operands)];
  const values = operator.node.inputs.map((_, i) => operator.columns(i, 'float'));
  if (values.length === 0) operator.refuse('input', 'nothing to add up');
  return [values.reduce((sum, value) => addColumns(operator, sum, value, 1))];
}

function lowerSub(operator: Operator): Columns[] {
  const pair = operandOf(operator);
  if (!pair)
    return [addColumns(operator, operator.columns(0, 'float'), operator.columns(1, 'float'), -1)];
  const { columns, operands, first } = pair;
  if (!first) return [withOperand(columns, 'subtract', operands)];
  const rest = withOperand(opposite(columns), 'add', operands);
  const isUnit = columns.range === 'unit' && operands.every((operand) => operand === 1);
  return [isUnit ? { ...rest, range: 'unit' } : rest];
}

/** a + sign · b, each sum rounded once: products with 1 are exact. */
function addColumns(operator: Operator, a: Columns, b: Columns, sign: number): Columns {
  const { width } = a;
  if (b.width !== width || width * width > 2 ** 20)
    operator.refuse('input', `values of ${width} and ${b.width} columns are not supported`);
  const coefficients = new Float32Array(2 * width * width);
  for (let i = 0; i < width; i++) {
    coefficients[i * 2 * width + i] = 1;
    coefficients[i * 2 * width + width + i] = sign;
  }
  return product(joined(operator, [a, b]), coefficients, new Float32Array(width));
}

function lowerDiv(operator: Operator): Columns[] {
  const pair =
    operandOf(operator) ?? operator.refuse('input', 'of two calculated values is not supported');
  const { columns, operands, first } = pair;
  if (!first) return [withOperand(columns, 'divide', operands)];
  if (operands.some((operand) => operand !== 1))
    operator.refuse('input', 'of another constant than 1 by a calculated value is not supported');
  return [followed(columns, elementwise(columns.width, [{ operation: 'reciprocal' }], 'float32'))];
}

function lowerPow(operator: Operator): Columns[] {
  const pair = operandOf(operator);
  if (!pair || pair.first || pair.operands.some((operand) => operand !== 2))
    return operator.refuse('input', 'another power than 2 is not supported');
  const { columns } = pair;
  return [followed(columns, elementwise(columns.width, [{ operation: 'square' }], 'float32'))];
}

function lowerClip(operator: Operator): Columns[] {
  const input = operator.columns(0, 'float');
  const bound = (name: 'min' | 'max', index: number): number | null => {
    if (operator.has(name)) return operator.number(name);
    if (operator.maybeValue(index) === null) return null;
    return rowOf(operator, operator.constant(index), 1)[0]!;
  };
  const low = bound('min', 1);
  const high = bound('max', 2);
  const raised = low === null ? input : withOperand(input, 'maximum', fill(input, low));
  return [high === null ? raised : withOperand(raised, 'minimum', fill(raised, high))];
}

function expectRows(operator: Operator, otherwise: number): void {
  const axis = operator.integer('axis', otherwise);
  if (axis !== 1 && axis !== -1) operator.refuse('axis', `${axis} is not supported: 1 is`);
}

function lowerSoftmax(operator: Operator): Columns[] {
  expectRows(operator, operator.version < 13 ? 1 : -1);
  const input = operator.columns(0, 'float');
  if (input.width < 2) operator.refuse('input', 'of one column is not supported');
  return [linked(input, 'softmax')];
}

function lowerChoice(operator: Operator, decide: 'argmax' | 'argmin'): Choice {
  expectRows(operator, 0);
  if (operator.integer('select_last_index', 0) !== 0)
    operator.refuse('select_last_index', 'the last is not supported');
  const scores = operator.columns(0, 'float');
  if (scores.width < 2) operator.refuse('input', 'of one column is not supported');
  return { kind: 'choice', scores, decide, labels: null };
}
