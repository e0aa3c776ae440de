import type {
  Answers,
  ClassifierHead,
  Decision,
  Elementwise,
  Labels,
  Node,
  Operation,
  ProbabilityLink,
  RegressorHead,
  ResultType,
} from '../../src/ir/index.js';
import { isMatrix, type Shape } from './shape.js';
import type { Tensor } from './tensor.js';

/** What the cells of a value are, as ONNX has its types. Integers of every width are one. */
export type CellType = 'float' | 'double' | 'integer' | 'string' | 'boolean';

/** What a name of the graph stands for. */
export type Value = Columns | Choice | Constant | Part | Sizes;

/** Columns that are calculated row by row from those of the model's input. */
export interface Columns {
  readonly kind: 'columns';
  /** The columns of the model's input that the first step is given, in this order. */
  readonly source: Uint32Array;
  /** What is made of them, none of which has a head. */
  readonly steps: readonly Node[];
  /** Bytes that the steps take, about: what is used twice is there twice. */
  readonly cost: number;
  /** Cells of a row, all axes together. */
  readonly width: number;
  readonly type: CellType;
  /** Set where they are no matrix. */
  readonly shape?: Shape;
  /** Set where they are made of scores: of which, and how. */
  readonly link?: Link;
  /** Set where these are others with the other sign. */
  readonly opposite?: Columns;
  /** Set where these are the signs of others. */
  readonly signOf?: Columns;
  /** Set where all cells are in it: from 0 to 1, or not below 0. */
  readonly range?: 'unit' | 'positive';
  /** Set where no cell is below it, as far as that is known. */
  readonly least?: number;
  /** Set where a model's operator answers so: a prediction, not features. */
  readonly predicts?: true;
}

/** `margins`: the score of the second of two classes, and its opposite before it; `pairs`: decisions between every two classes. */
export interface Link {
  readonly of: Columns;
  readonly probability: ProbabilityLink | 'margins' | 'pairs';
}

/** The class that is chosen for each row. */
export interface Choice {
  readonly kind: 'choice';
  readonly scores: Columns;
  readonly decide: Decision;
  /** null where it is the position itself. */
  readonly labels: Labels | null;
  /** Set where it is no vector. */
  readonly shape?: Shape;
  /** Set where labels are numbers of another type than integers. */
  readonly type?: CellType;
}

export interface Constant {
  readonly kind: 'constant';
  readonly tensor: Tensor;
  /** The tensor's own, with the axis of rows where each row has these numbers. */
  readonly shape: Shape;
}

/** A part of a softmax that is written out: see softmax.ts. */
export interface Part {
  readonly kind: 'part';
  readonly of: Columns;
  readonly what: 'max' | 'log-sum' | 'less-max' | 'log' | 'exp' | 'sum';
  readonly shape: Shape;
}

/** The shape of another value. */
export interface Sizes {
  readonly kind: 'sizes';
  readonly shape: Shape;
}

export const shapeOf = (value: Columns | Choice): Shape =>
  value.shape ?? (value.kind === 'choice' ? [null] : [null, value.width]);

/** Columns of another shape, whose cells stay in their order. */
export function shaped(columns: Columns, shape: Shape): Columns {
  if (!isMatrix(shape)) return { ...columns, shape };
  if (columns.shape === undefined) return columns;
  const { shape: _, ...matrix } = columns;
  return matrix;
}

/** Whether two values are the same ones, whatever their shape. */
export const isSame = (a: Columns, b: Columns): boolean =>
  a.source === b.source &&
  a.steps.length === b.steps.length &&
  a.steps.every((step, i) => step === b.steps[i]);

export const elementwise = (
  features: number,
  operations: readonly Operation[],
  type: ResultType | null,
): Elementwise => ({ kind: 'elementwise', features, nonFinite: 'any', type, operations });

/** What a value of floats is before anything is done with it: a person's float64 numbers, rounded. */
export const roundToSingle = (features: number): Elementwise =>
  elementwise(features, [{ operation: 'positive' }], 'float32');

/** The steps of columns with all that makes them what they are in ONNX. */
export const stepsOf = ({ steps, type, width }: Columns): readonly Node[] =>
  steps.length === 0 && type === 'float' ? [roundToSingle(width)] : steps;

/** Columns after another step. `rounds`: whether that rounds floats itself. */
export function followed(
  columns: Columns,
  node: Node,
  width = columns.width,
  type: CellType = columns.type,
  rounds = false,
): Columns {
  const steps = rounds ? columns.steps : stepsOf(columns);
  const cost = columns.cost + costOf(node);
  const { source, shape } = columns;
  // What does not change the number of columns does not arrange them anew.
  const same = shape && width === columns.width ? { shape } : null;
  return { kind: 'columns', source, steps: [...steps, node], cost, width, type, ...same };
}

/** Bytes that a node takes without its parts, but those that are asked for raw scores. */
function costOf(node: Node): number {
  if (node.kind === 'answers') return costOf(node.node);
  let cost = 200;
  for (const value of Object.values(node)) if (ArrayBuffer.isView(value)) cost += value.byteLength;
  return cost;
}

export const regressorHead = (targets: number): RegressorHead => ({
  task: 'regressor',
  targets,
  flat: targets === 1,
  link: 'identity',
});

export const classifierHead = (
  labels: Labels,
  decide: Decision,
  probability: ProbabilityLink | null,
): ClassifierHead => ({
  task: 'classifier',
  labels: [labels],
  decide,
  probability,
  decisionFunction: probability === null,
  // As onnxruntime adds them up.
  sums: 'sequential',
  scoreOffset: null,
  decisionOffset: null,
  logProbability: null,
});

/** Labels 0, 1, … */
export const positions = (count: number): Labels => ({
  dtype: 'int64',
  values: Float64Array.from({ length: count }, (_, i) => i),
});

/** What a part that answers gives as columns. */
export const answersOf = (
  node: Node,
  features: number,
  method: 'raw' | 'predict' | 'predict_proba' | 'decision_function',
): Answers<Node> => ({ kind: 'answers', features, node, method, skip: 0 });

/** The chosen labels as numbers; null where they are strings. */
export function numbersOf({ scores, decide, labels, type, shape }: Choice): Columns | null {
  const { width } = scores;
  const own = labels ?? positions(decide === 'positive' || decide === 'nonNegative' ? 2 : width);
  if (typeof own.values[0] !== 'number') return null;
  const head = { ...classifierHead(own, decide, null), decisionFunction: false };
  const step = answersOf({ kind: 'scores', features: width, head }, width, 'predict');
  const found = shaped(followed(scores, step, 1, 'integer'), shape ?? [null]);
  return type === 'float' ? asFloats(found) : found;
}

/** Probabilities of scores, a column for each class. */
export function linked(of: Columns, probability: ProbabilityLink): Columns {
  const { width } = of;
  const head = classifierHead(positions(width), 'argmax', probability);
  const step = answersOf({ kind: 'scores', features: width, head }, width, 'predict_proba');
  return { ...followed(of, step), link: { of, probability }, range: 'unit' };
}

/** Products of columns, float32 as the coefficients are. */
export const product = (
  columns: Columns,
  coefficients: Float32Array,
  intercepts: Float32Array,
): Columns =>
  followed(
    columns,
    {
      kind: 'linear',
      features: columns.width,
      outputs: intercepts.length,
      nonFinite: 'any',
      coefficients,
      intercepts,
      deviation: null,
      head: null,
    },
    intercepts.length,
  );

/** The score of the second of two classes, and its opposite before it. */
export const margins = (of: Columns): Columns => ({
  ...product(of, Float32Array.of(-1, 1), Float32Array.of(0, 0)),
  link: { of, probability: 'margins' },
});

/** Columns with the other sign. What is one already of others is these. */
export function opposite(of: Columns): Columns {
  if (of.opposite) return shaped(of.opposite, shapeOf(of));
  const negative = elementwise(of.width, [{ operation: 'negative' }], 'float32');
  return { ...followed(of, negative), opposite: of };
}

/** Floats of what are numbers of another type. */
export const asFloats = (columns: Columns): Columns =>
  columns.type === 'float'
    ? columns
    : followed(columns, roundToSingle(columns.width), columns.width, 'float');
