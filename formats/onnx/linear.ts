import { labelCount } from '../../src/ir/index.js';
import {
  asFloats,
  type Choice,
  type Columns,
  elementwise,
  followed,
  linked,
  product,
  shaped,
} from './columns.js';
import type { Operator } from './operator.js';
import { plus, sameShape } from './pairs.js';
import type { LoweringTable } from './table.js';
import type { Tensor } from './tensor.js';

export const linearTable: LoweringTable = {
  LinearRegressor: lowerRegressor,
  LinearClassifier: lowerClassifier,
  MatMul: lowerMatMul,
  Gemm: lowerGemm,
};

function lowerRegressor(operator: Operator): Columns[] {
  operator.text('post_transform', ['NONE'], 'NONE');
  const targets = operator.integer('targets', 1);
  const input = operator.columns(0, 'float');
  if (!(targets >= 1 && targets <= operator.lowering.limits.classes))
    operator.refuse('targets', `${targets} are not supported`);
  const coefficients = floats(operator, 'coefficients', targets * input.width);
  // Fewer or more than there are targets are left out.
  const own = operator.maybeNumbers('intercepts');
  const intercepts =
    own?.length === targets ? floats(operator, 'intercepts', targets) : new Float32Array(targets);
  return [{ ...product(input, coefficients, intercepts), predicts: true }];
}

function lowerClassifier(operator: Operator): [Choice, Columns] {
  const labels = operator.labels('classlabels_strings', 'classlabels_ints');
  const classes = labelCount(labels);
  const transform = operator.text('post_transform', ['NONE', 'LOGISTIC', 'SOFTMAX'], 'NONE');
  const input = asFloats(operator.columns(0, 'float', 'double', 'integer'));
  const intercepts = floats(operator, 'intercepts', classes);
  const coefficients = floats(operator, 'coefficients', classes * input.width);
  if (
    classes === 2 &&
    transform !== 'SOFTMAX' &&
    isOpposite(coefficients) &&
    isOpposite(intercepts)
  ) {
    // Both scores are one, for the second class and against it.
    const score = product(input, coefficients.slice(input.width), intercepts.slice(1));
    const choice: Choice = { kind: 'choice', scores: score, decide: 'positive', labels };
    const pair = product(score, Float32Array.of(-1, 1), Float32Array.of(0, 0));
    const link = { of: score, probability: 'margins' as const };
    return [choice, transform === 'NONE' ? { ...pair, link } : logistic(pair)];
  }
  const scores = product(input, coefficients, intercepts);
  const choice: Choice = { kind: 'choice', scores, decide: 'argmax', labels };
  if (transform === 'NONE') return [choice, scores];
  if (transform === 'SOFTMAX') return [choice, linked(scores, 'softmax')];
  return [choice, logistic(scores)];
}

/** Whether there are two halves, of which one has the other's numbers with opposite signs. */
const isOpposite = (values: Float32Array): boolean =>
  values.every((value, i) => value === -values[(i + values.length / 2) % values.length]!);

/** The logistic function of each column. */
export const logistic = (scores: Columns): Columns => ({
  ...followed(scores, elementwise(scores.width, [{ operation: 'expit' }], 'float32')),
  range: 'unit',
});

export function floats(operator: Operator, name: string, length: number): Float32Array {
  const values = Float32Array.from(operator.numbers(name, length));
  if (!values.every(Number.isFinite)) operator.refuse(name, 'expected finite numbers');
  return values;
}

function lowerMatMul(operator: Operator): Columns[] {
  const input = operator.columns(0, 'float');
  const tensor = operator.constant(1);
  const isVector = tensor.dims.length === 1;
  const matrix = isVector ? { ...tensor, dims: [...tensor.dims, 1] } : tensor;
  const { values, columns } = readMatrix(operator, matrix, input.width, false);
  const found = product(input, values, new Float32Array(columns));
  return [isVector ? shaped(found, [null]) : found];
}

function lowerGemm(operator: Operator): Columns[] {
  const input = operator.columns(0, 'float');
  if (operator.integer('transA', 0) !== 0)
    operator.refuse('transA', 'of a transposed matrix it is not supported');
  const transposed = operator.integer('transB', 0) !== 0;
  const { values, columns } = readMatrix(operator, operator.constant(1), input.width, transposed);
  const alpha = Math.fround(operator.number('alpha', 1));
  const coefficients = alpha === 1 ? values : values.map((value) => alpha * value);
  const intercepts = new Float32Array(columns);
  const beta = Math.fround(operator.number('beta', 1));
  const addend = beta === 0 ? null : operator.maybeValue(2);
  if (addend?.kind === 'constant')
    intercepts.set(rowOf(operator, addend.tensor, columns).map((value) => beta * value));
  if (!coefficients.every(Number.isFinite) || !intercepts.every(Number.isFinite))
    operator.refuse('alpha', 'products that are not finite are not supported');
  const found = product(input, coefficients, intercepts);
  if (addend === null || addend.kind === 'constant') return [found];
  if (beta !== 1) operator.refuse('beta', 'of a calculated value another than 1 is not supported');
  const { a, b } = sameShape(operator, found, operator.columns(2, 'float'));
  return [plus(operator, a, b)];
}

/** A matrix of floats, [columns × rows]. */
function readMatrix(
  operator: Operator,
  { dims, values }: Tensor,
  rows: number,
  transposed: boolean,
): { readonly values: Float32Array; readonly columns: number } {
  const [first, second] = transposed ? [dims[1], dims[0]] : dims;
  if (dims.length !== 2 || first !== rows || !second)
    return operator.refuse(
      'input',
      `expected a matrix of ${rows} rows, found [${dims.join(', ')}]`,
    );
  if (!(values instanceof Float32Array) || !values.every(Number.isFinite))
    return operator.refuse('input', 'expected finite floats');
  if (second > operator.lowering.limits.classes)
    return operator.refuse('input', `${second} columns are too many`);
  const columns = second;
  if (transposed) return { values, columns };
  return {
    values: values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!),
    columns,
  };
}

/** A row of numbers: one for each column, or one for all. */
export function rowOf(operator: Operator, { dims, values }: Tensor, columns: number): Float64Array {
  const isRow = dims.every((size, i) => size === 1 || i === dims.length - 1);
  if (!isRow || !ArrayBuffer.isView(values) || (values.length !== columns && values.length !== 1))
    return operator.refuse(
      'input',
      `expected a row of ${columns} numbers or one, found [${dims.join(', ')}]`,
    );
  return Float64Array.from({ length: columns }, (_, i) => values[values.length === 1 ? 0 : i]!);
}
