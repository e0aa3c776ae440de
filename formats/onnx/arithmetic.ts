import type { ArithmeticName, FunctionName, Operation } from '../../src/ir/index.js';
import {
  asFloats,
  type Choice,
  type Columns,
  elementwise,
  followed,
  linked,
  margins,
  opposite,
  positions,
  shapeOf,
  type Value,
} from './columns.js';
import { logistic, rowOf } from './linear.js';
import type { Operator } from './operator.js';
import { over, type Pair, pairOf, plus, times, total } from './pairs.js';
import { broadcast } from './shape.js';
import { expOfPart, lessPart, shareOfSum } from './softmax.js';
import type { LoweringTable } from './table.js';

/** ONNX's own operators on floats. */
export const arithmeticTable: LoweringTable = {
  Add: lowerSum,
  Sum: lowerSum,
  Sub: lowerSub,
  Mul: lowerMul,
  Div: lowerDiv,
  Max: (operator) => [lowerWithConstant(operator, 'maximum')],
  Min: (operator) => [lowerWithConstant(operator, 'minimum')],
  Clip: lowerClip,
  Pow: lowerPow,
  Relu: (operator) => {
    const input = operator.array(0, 'float');
    return [{ ...withOperand(input, 'maximum', fill(input, 0)), range: 'positive' }];
  },
  Sigmoid: (operator) => [logistic(operator.array(0, 'float'))],
  Abs: lowerFunction('absolute', true),
  Neg: (operator) => [opposite(operator.array(0, 'float'))],
  Sign: (operator) => {
    const of = operator.array(0, 'float');
    return [{ ...changed(of, 'sign'), signOf: of }];
  },
  Sqrt: lowerFunction('sqrt', true),
  Exp: (operator) => {
    const value = operator.value(0);
    if (value.kind === 'part') return [expOfPart(operator, value)];
    return lowerFunction('exp', true)(operator);
  },
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

const changed = (columns: Columns, operation: FunctionName): Columns =>
  followed(columns, elementwise(columns.width, [{ operation }], 'float32'));

function lowerFunction(
  operation: FunctionName,
  isPositive = false,
): (operator: Operator) => Columns[] {
  return (operator) => {
    const found = changed(operator.array(0, 'float'), operation);
    return [isPositive ? { ...found, range: 'positive' } : found];
  };
}

/** Columns and an operand for each. What is made of predictions by a constant is one. */
function withOperand(columns: Columns, operation: ArithmeticName, operands: Float64Array): Columns {
  const one: Operation = { operation, operands, rounded: true };
  const { range, least, predicts } = columns;
  const isKept =
    range && operation !== 'subtract' && operation !== 'minimum' && operands.every((o) => o >= 0);
  const isRaised = operation === 'add' && operands.every((o) => o + (least ?? Number.NaN) >= 0);
  const isPositive = isKept || isRaised;
  return {
    ...followed(columns, elementwise(columns.width, [one], 'float32')),
    ...(isPositive && { range: 'positive' as const }),
    ...(predicts && { predicts }),
  };
}

const fill = (columns: Columns, value: number): Float64Array =>
  new Float64Array(columns.width).fill(value);

function lowerWithConstant(operator: Operator, operation: ArithmeticName): Columns {
  const pair = pairOf(operator);
  if ('a' in pair) return operator.refuse('input', 'of two calculated values is not supported');
  return withOperand(pair.columns, operation, pair.operands);
}

/** Sums of two values, or of any number of calculated ones. */
function lowerSum(operator: Operator): Value[] {
  const choice = relabeled(operator, (label, addend) => label + addend);
  if (choice) return [choice];
  const { length } = operator.node.inputs;
  if (length < 2) return [operator.array(0, 'float')];
  if (length === 2) return [added(operator, pairOf(operator))];
  const values = operator.node.inputs.map((_, i) => operator.array(i, 'float'));
  return [total(operator, values)];
}

/** Labels that are integers, changed by an integer; null where other values are. */
function relabeled(
  operator: Operator,
  change: (label: number, by: number) => number,
): Choice | null {
  const [choice, by] = [operator.maybeValue(0), operator.maybeValue(1)];
  if (choice?.kind !== 'choice' || by?.kind !== 'constant' || choice.type === 'float') return null;
  const [operand] = by.tensor.values;
  if (by.tensor.values.length !== 1 || !Number.isInteger(operand)) return null;
  const labels = choice.labels ?? positions(choice.scores.width);
  const shape = broadcast(shapeOf(choice), by.shape);
  if (typeof labels.values[0] !== 'number' || shape === null) return null;
  const values = Float64Array.from(labels.values as ArrayLike<number>, (label) =>
    change(label, operand as number),
  );
  if (new Set(values).size !== values.length || !values.every(Number.isSafeInteger))
    operator.refuse('input', 'classes that become one, or are beyond 2⁵³, are not supported');
  return { ...choice, shape, labels: { dtype: 'int64', values } };
}

const added = (operator: Operator, pair: Pair): Columns =>
  'a' in pair ? plus(operator, pair.a, pair.b) : withOperand(pair.columns, 'add', pair.operands);

function lowerSub(operator: Operator): Value[] {
  const part = lessPart(operator.value(0), operator.value(1));
  if (part) return [part];
  const pair = pairOf(operator);
  if ('a' in pair) return [plus(operator, pair.a, pair.b, -1)];
  const { columns, operands, first } = pair;
  if (!first) return [withOperand(columns, 'subtract', operands)];
  const rest = withOperand(opposite(columns), 'add', operands);
  const isUnit = columns.range === 'unit' && operands.every((operand) => operand === 1);
  return [isUnit ? { ...rest, range: 'unit' } : rest];
}

function lowerMul(operator: Operator): Value[] {
  const choice = relabeled(operator, (label, factor) => label * factor);
  if (choice) return [choice];
  const pair = pairOf(operator);
  if ('a' in pair) return [times(operator, pair.a, pair.b)];
  const { columns, operands } = pair;
  const { link } = columns;
  if (link?.probability === 'margins' && operands.every((operand) => operand === -1))
    return [margins(opposite(link.of))];
  return [withOperand(columns, 'multiply', operands)];
}

function lowerDiv(operator: Operator): Columns[] {
  const shares = shareOfSum(operator.value(0), operator.value(1));
  if (shares) return [shares];
  const pair = pairOf(operator);
  if ('a' in pair) return [over(operator, pair.a, pair.b)];
  const { columns, operands, first } = pair;
  if (!first) return [withOperand(columns, 'divide', operands)];
  const { range } = columns;
  const isPositive = range && operands.every((operand) => operand >= 0);
  // In float64, and then rounded, it is rounded as once: see `over`.
  const steps: Operation[] = [
    { operation: 'reciprocal' },
    { operation: 'multiply', operands, rounded: true },
  ];
  const found = operands.every((operand) => operand === 1)
    ? changed(columns, 'reciprocal')
    : asFloats(
        followed(columns, elementwise(columns.width, steps, 'float64'), columns.width, 'double'),
      );
  return [isPositive ? { ...found, range: 'positive' } : found];
}

function lowerPow(operator: Operator): Columns[] {
  const pair = pairOf(operator);
  if ('a' in pair || pair.operands.some((operand) => operand !== 2))
    return operator.refuse('input', 'other powers than by 2 and of 2 are not supported');
  return [{ ...changed(pair.columns, pair.first ? 'exp2' : 'square'), range: 'positive' }];
}

function lowerClip(operator: Operator): Columns[] {
  const input = operator.array(0, 'float');
  const bound = (name: 'min' | 'max', index: number): number | null => {
    if (operator.has(name)) return operator.number(name);
    if (operator.maybeValue(index) === null) return null;
    return rowOf(operator, operator.constant(index), 1)[0]!;
  };
  const low = bound('min', 1);
  const high = bound('max', 2);
  const raised = low === null ? input : withOperand(input, 'maximum', fill(input, low));
  const found = high === null ? raised : withOperand(raised, 'minimum', fill(raised, high));
  if (low === null || (high !== null && high < low)) return [found];
  if (low < 0) return [{ ...found, least: low }];
  return [{ ...found, range: high !== null && high <= 1 ? 'unit' : 'positive' }];
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
  const keeps = operator.integer('keepdims', 1) !== 0;
  return { kind: 'choice', scores, decide, labels: null, ...(keeps && { shape: [null, 1] }) };
}
