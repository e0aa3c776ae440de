/// <reference lib="esnext.disposable" preserve="true" />
import type { Accelerator } from './compile/accelerator.js';
import { allKinds, createCompiler } from './compile/compile.js';
import {
  compileChoices,
  compileDecisions,
  compileProbabilities,
  compileSamples,
  compileValues,
  type Indices,
} from './compile/head.js';
import type { NodeKind } from './compile/kind.js';
import type { LeafFinder } from './compile/leaf-finder.js';
import type { Answer, Scorer } from './compile/scorer.js';
import { refuse } from './errors.js';
import type { Value } from './input/dense.js';
import type { MatrixLike } from './input/matrix.js';
import { copyOne, type Input, readInput } from './input/read.js';
import type { RecordRow } from './input/records.js';
import type { Row } from './input/rows.js';
import { createTarget } from './input/target.js';
import {
  type ClassifierHead,
  inputColumns,
  inputNames,
  type Label,
  labelValues,
  type RegressorHead,
  type RunnableModel,
  typeOfInput,
} from './ir/index.js';
import { list } from './list.js';
import { zeros } from './math/zeros.js';
import { type MethodName, methodNames, snakeNames } from './method-names.js';
import { type DecisionPath, Matrix, type TransformResult } from './result.js';
import { transformAll } from './transform-all.js';

export { type MethodName, methodNames };

/** A model ready for use. Narrow it by `task` and `multiOutput`, or with `asPredictor`, `asClassifier`, `asRegressor`, `asTransformer`. */
export type Model = Predictor | Transformer | DensityEstimator;

/** A model that predicts. */
export type Predictor = Classifier | MultiOutputClassifier | Regressor | MultiOutputRegressor;

interface BaseModel {
  /** The model as plain data, as far as predictions depend on it. */
  readonly description: RunnableModel;
  /** Columns of the input. */
  readonly nFeatures: number;
  /** Feature names in column order; null where the model was fitted without. */
  readonly featureNames: readonly string[] | null;
  /** scikit-learn's names of the methods that this model has. */
  readonly methods: readonly MethodName[];
  /**
   * The same model in worker threads, which share its memory. Models have them from `loadFile`, and elsewhere from the option
   * `accelerator: webWorkers`.
   *
   * @throws NuthatchError `threads`: they cannot be had here; `usage`: the model was made without them; `limit-exceeded`
   */
  parallel(options?: ParallelOptions): Promise<Parallel<this>>;
}

export interface ParallelOptions {
  /** Worker threads, from 1 to 64; default: as many as the machine has cores. */
  readonly threads?: number;
}

/**
 * A model whose methods give promises of what the model's own give: the same values, in the same order, or the same error. Large batches are cut
 * into parts of consecutive rows, one for each thread; small ones, and single rows, are answered at once in the calling thread.
 * Rows are copied when a method is called, and may change afterwards.
 */
export type Parallel<M> = M extends unknown
  ? {
      readonly [K in keyof M as K extends 'parallel' ? never : K]: Later<M[K]>;
    } & {
      readonly threads: number;
      /** Ends the threads once all that was asked before is answered. What is asked later is refused. */
      close(): Promise<void>;
      [Symbol.asyncDispose](): Promise<void>;
    }
  : never;

type Later<T> = T extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : T;

/** What an accelerator also does that brings worker threads. */
export interface Threads {
  parallel<M extends Model>(model: M, options?: ParallelOptions): Promise<Parallel<M>>;
}

/** Makes other columns of the rows: a scaler, an encoder, a composition of such. */
export interface Transformer extends BaseModel, LeafMethods {
  readonly task: 'transformer';
  readonly multiOutput: false;
  /**
   * What becomes of the rows: a matrix, compressed rows where scikit-learn gives sparse ones, or plain rows where columns hold strings.
   *
   * @throws NuthatchError `input-…`
   */
  transform(X: Input): TransformResult;
  /** The logarithm of the density at each row [rows], where the model knows it. */
  scoreSamples?(X: Input): Float64Array;
}

/** Says how likely rows are, and nothing else. */
export interface DensityEstimator extends ScoringModel {
  readonly task: 'density';
  readonly multiOutput: false;
  /** The logarithm of the density at each row [rows]. @throws NuthatchError `input-…` */
  scoreSamples(X: Input): Float64Array;
}

/** Methods of models that walk trees. */
interface LeafMethods {
  /**
   * The leaf of each row in each tree, in the source's numbering: a vector for a single tree, a matrix for a forest. scikit-learn gives
   * those of a boosted classifier in three dimensions [rows × stages × trees of a stage]: here they are [rows × trees].
   */
  apply?(X: Input): Int32Array | Matrix<Int32Array>;
  /** The nodes that each row passes. */
  decisionPath?(X: Input): DecisionPath;
}

interface ScoringModel extends BaseModel, LeafMethods {
  /** The scores behind predictions, before any link: [rows × score columns]. Margins, votes or means. */
  raw(X: Input): Matrix;
  /** What the parts of a voting or stacked model answer, side by side. */
  transform?(X: Input): TransformResult;
}

/** Chooses one class a row. Source: scikit-learn's methods of the same name. */
export interface Classifier extends ScoringModel {
  readonly task: 'classifier';
  readonly multiOutput: false;
  /** Class labels, in scikit-learn's order (`classes_`). */
  readonly classes: readonly Label[];
  /** The label of rows that are like none of its training, in a list of one: scikit-learn's `outlier_label_`. Only where there is one. */
  readonly outlierLabels?: readonly Label[];
  /** The label of each row. @throws NuthatchError `input-…` */
  predict(X: Input): Label[];
  /** The label of one row, record or document. */
  predictOne(row: Row | RecordRow | string): Label;
  /** Writes the index into `classes` of each row's label to `out` [rows]; their number where it has the label for outliers. Allocates nothing in the steady state. */
  predictInto(X: MatrixLike, out: Int32Array | Uint8Array | Uint16Array): void;
  /** Probabilities [rows × classes]. Only where scikit-learn has them. */
  predictProba?(X: Input): Matrix;
  /** Natural logarithms of the probabilities [rows × classes]. */
  predictLogProba?(X: Input): Matrix;
  /** Natural logarithms of the probabilities of row and class [rows × classes]. */
  predictJointLogProba?(X: Input): Matrix;
  /** Writes the probabilities to `out` [rows × classes]. */
  predictProbaInto?(X: MatrixLike, out: Float64Array): void;
  /** Margins: [rows] for two classes, [rows × classes] for more. */
  decisionFunction?(X: Input): Float64Array | Matrix;
  /** How normal each row is [rows]: an outlier detector's margins before its offset, or the logarithm of a mixture's density. */
  scoreSamples?(X: Input): Float64Array;
}

/** Chooses one class a row for each of several outputs. */
export interface MultiOutputClassifier extends ScoringModel {
  readonly task: 'classifier';
  readonly multiOutput: true;
  /** Class labels of each output. */
  readonly classes: readonly (readonly Label[])[];
  /** The label of each output for rows that are like none of its training. Only where there are such. */
  readonly outlierLabels?: readonly Label[];
  /** The labels of each row, one for each output. */
  predict(X: Input): Label[][];
  predictOne(row: Row | RecordRow | string): Label[];
  /** Writes class indices [rows × outputs]; the number of an output's classes where it has its label for outliers. */
  predictInto(X: MatrixLike, out: Int32Array | Uint8Array | Uint16Array): void;
  /** Probabilities of each output: [rows × its classes]. Of a chain, the second class's of each: [rows × outputs]. */
  predictProba?(X: Input): Matrix[] | Matrix;
  predictLogProba?(X: Input): Matrix[] | Matrix;
  /** Margins of two classes each [rows × outputs]. */
  decisionFunction?(X: Input): Matrix;
}

/** Predicts one number a row. */
export interface Regressor extends ScoringModel {
  readonly task: 'regressor';
  readonly multiOutput: false;
  /** The value of each row. @throws NuthatchError `input-…` */
  predict(X: Input): Float64Array;
  predictOne(row: Row | RecordRow | string): number;
  /** Writes the value of each row to `out` [rows]. Allocates nothing in the steady state. */
  predictInto(X: MatrixLike, out: Float64Array): void;
  /** The standard deviation of each row's prediction: scikit-learn's `predict(X, return_std=True)[1]`. */
  predictStd?(X: Input): Float64Array;
}

/** Predicts several numbers a row. */
export interface MultiOutputRegressor extends ScoringModel {
  readonly task: 'regressor';
  readonly multiOutput: true;
  /** The values of each row [rows × targets]. */
  predict(X: Input): Matrix;
  predictOne(row: Row | RecordRow | string): number[];
  predictInto(X: MatrixLike, out: Float64Array): void;
  /** The standard deviations of each row's predictions [rows × targets]. */
  predictStd?(X: Input): Matrix;
}

export interface ModelOptions {
  /** What makes answers faster, and leaves them the same: `webAssembly`, `webWorkers`, which also brings threads, or nothing. */
  readonly accelerator?: (Accelerator & Partial<Threads>) | null;
}

/** What makes a model of a description; `door` is for threads, whose rows were read before. */
interface MakeOptions extends ModelOptions {
  readonly door?: Door;
}

/** Makes a described model ready for use. The description must have passed `validateRunnable` or `validateModel`. */
export const createModel = (description: RunnableModel, options: MakeOptions = {}): Model =>
  modelOf(description, allKinds(), options);

/** Makes a described model of some kinds ready for use. */
export function modelOf(
  description: RunnableModel,
  kinds: readonly NodeKind[],
  { accelerator, door = openDoor(description) }: MakeOptions,
): Model {
  const { root, input } = description;
  const featureNames = inputNames(input);
  const compiled = createCompiler(kinds, accelerator)(root, typeOfInput(input), featureNames);
  const isScorer = 'head' in compiled;
  const transformer = isScorer ? compiled.transformer : compiled;
  const methods = {
    description: { root, input },
    nFeatures: inputColumns(input),
    featureNames,
    task: 'transformer',
    multiOutput: false,
    ...(compiled.leaves && leafMethods(compiled.leaves, door)),
    ...(transformer && { transform: door.all((x) => transformAll(transformer, x)) }),
    ...(isScorer && scoringMethods(compiled, door)),
  };
  const model = Object.freeze({
    ...methods,
    methods: snakeNames.filter((name) => methodNames[name] in methods),
    parallel: async (options) =>
      accelerator?.parallel
        ? accelerator.parallel(model, options)
        : refuse('usage', 'accelerator', 'expected webWorkers or workerThreads'),
  } as Model);
  return model;
}

function openDoor({ input }: RunnableModel): Door {
  const target = createTarget(input, 1);
  const view = createTarget(input, 0);
  return {
    // One argument at most: a list of them would be made at every call.
    all: (method) => {
      const run = method as unknown as (x: Value, out: unknown) => unknown;
      return ((X: Input, out: unknown) => run(readInput(input, X, view), out)) as never;
    },
    one: (method) => (row) => {
      copyOne(row, target);
      return method(target);
    },
  };
}

/** Makes methods on what a person gives, several rows or one, of methods on values. */
export interface Door {
  all<Out extends unknown[], Result>(
    method: (x: Value, ...out: Out) => Result,
  ): (X: Input, ...out: Out) => Result;
  /** The row lies in a scratch that is used again. */
  one<Result>(method: (x: Value) => Result): (row: Row | RecordRow | string) => Result;
}

/** The model as one that predicts; throws `usage` if it only transforms or scores. */
export function asPredictor(model: Model): Predictor {
  return model.task === 'transformer' || model.task === 'density'
    ? refuseTask('model that predicts', model)
    : model;
}

/** The model as one that transforms; throws `usage` if it predicts. */
export function asTransformer(model: Model): Transformer {
  return model.task === 'transformer' ? model : refuseTask('transformer', model);
}

/** The model as a single-output classifier; throws `usage` if it is none. */
export function asClassifier(model: Model): Classifier {
  if (model.task === 'classifier' && !model.multiOutput) return model;
  return refuseTask('classifier with one output', model);
}

/** The model as a single-output regressor; throws `usage` if it is none. */
export function asRegressor(model: Model): Regressor {
  if (model.task === 'regressor' && !model.multiOutput) return model;
  return refuseTask('regressor with one output', model);
}

function refuseTask(expected: string, { multiOutput, task }: Model): never {
  const found = `${multiOutput ? 'multi-output ' : ''}${task}`;
  refuse('usage', 'model', `expected a ${expected}, found a ${found}`);
}

function scoringMethods(scorer: Scorer, door: Door) {
  const { head, outputs, score, transformer } = scorer;
  const raw = (x: Value): Matrix => matrixOf({ columns: outputs, write: score }, x);
  const samples = compileSamples(head);
  return {
    ...((head.task !== 'density' || !transformer) && { task: head.task, raw: door.all(raw) }),
    ...(head.task === 'classifier' && classifierMethods(scorer, head, door, raw)),
    ...(head.task === 'regressor' && regressorMethods(scorer, head, door)),
    ...(samples && {
      scoreSamples: door.all((x): Float64Array => {
        const scores = zeros(x.rows * outputs);
        const single = score(x, scores);
        samples(scores, x.rows, single && head.task === 'classifier');
        return scores.slice(0, x.rows);
      }),
    }),
  };
}

/** An answer as a matrix, or, where that is `flat`, as its only column. */
function flatten(answer: Answer, x: Value, flat: boolean): Float64Array | Matrix {
  const matrix = matrixOf(answer, x);
  return flat ? matrix.data : matrix;
}

/** An answer as a matrix. */
function matrixOf({ columns, write }: Answer, x: Value): Matrix {
  const out = zeros(x.rows * columns);
  write(x, out);
  return new Matrix(out, x.rows, columns);
}

const leafMethods = (
  { trees, forest, hasPaths, apply, decisionPath }: LeafFinder,
  { all }: Door,
) => ({
  apply: all((x): Int32Array | Matrix<Int32Array> => {
    const ids = apply(x);
    return forest ? new Matrix(ids, x.rows, trees) : ids;
  }),
  ...(hasPaths && { decisionPath: all(decisionPath) }),
});

function regressorMethods(scorer: Scorer, { flat }: RegressorHead, { all, one }: Door) {
  const { outputs, deviations } = scorer;
  const values = zeros(outputs);
  const answer = compileValues(scorer);
  return {
    multiOutput: !flat,
    predict: all((x) => flatten({ columns: outputs, write: answer }, x, flat)),
    predictOne: one((x): number | number[] => {
      answer(x, values);
      return flat ? values[0]! : Array.from(values);
    }),
    predictInto: all((x, out: Float64Array): void => {
      checkOut(out, x.rows * outputs);
      // Scores are written while rows are still read.
      if (out.buffer === x.data.buffer) refuse('usage', 'out', 'shares its memory with the rows');
      answer(x, out);
    }),
    ...(deviations && {
      predictStd: all((x) => flatten(deviations, x, flat)),
    }),
  };
}

function classifierMethods(
  scorer: Scorer,
  head: ClassifierHead,
  { all, one }: Door,
  raw: (x: Value) => Matrix,
) {
  const { probability, decisionFunction, logProbability, joint, seconds } = head;
  const choose = compileChoices(scorer, head);
  const classes = head.labels.map(labelValues);
  const outliers = head.outlierLabels?.map((labels) => labelValues(labels)[0]!);
  const count = classes.length;
  const multiOutput = count > 1;
  const decisions = compileDecisions(scorer, head);
  const mostClasses = classes.reduce((most, { length }) => Math.max(most, length), 0);
  const oneChoice = new Int32Array(count);

  /** `predict_proba`, or its logarithms, and what writes them. */
  function probabilities(logarithms: boolean) {
    const write = compileProbabilities(scorer, head, logarithms);
    const answer = (x: Value): Matrix | Matrix[] => {
      const matrices = classes.map(
        ({ length }) => new Matrix(zeros(x.rows * length), x.rows, length),
      );
      write(
        x,
        matrices.map(({ data }) => data),
      );
      if (seconds) {
        const cell = (_: unknown, at: number) =>
          matrices[at % count]!.row(Math.floor(at / count))[1]!;
        return new Matrix(Float64Array.from({ length: x.rows * count }, cell), x.rows, count);
      }
      return multiOutput ? matrices : matrices[0]!;
    };
    return { write, answer };
  }
  const ofProbabilities = probability && probabilities(false);
  /** A list that each call uses again: it allocates nothing. */
  const into: Float64Array[] = [];
  /** The label of a row, or its labels where there are several outputs. */
  const labelsOf = (chosen: Int32Array, row: number): Label | Label[] =>
    multiOutput
      ? classes.map((labels, k) => labels[chosen[row * count + k]!] ?? outliers![k]!)
      : (classes[0]![chosen[row]!] ?? outliers![0]!);
  return {
    multiOutput,
    classes: multiOutput ? classes : classes[0]!,
    ...(outliers && { outlierLabels: outliers }),
    predict: all((x): (Label | Label[])[] => {
      const chosen = new Int32Array(x.rows * count);
      choose(x, chosen);
      return list(x.rows, (row) => labelsOf(chosen, row));
    }),
    predictOne: one((x): Label | Label[] => {
      choose(x, oneChoice);
      return labelsOf(oneChoice, 0);
    }),
    predictInto: all((x, out: Indices): void => {
      checkOut(out, x.rows * count, mostClasses + (outliers ? 1 : 0));
      choose(x, out);
    }),
    ...(ofProbabilities && {
      predictProba: all(ofProbabilities.answer),
      ...(logProbability !== 'none' && { predictLogProba: all(probabilities(true).answer) }),
      ...(!multiOutput && {
        predictProbaInto: all((x, out: Float64Array): void => {
          checkOut(out, x.rows * mostClasses);
          into[0] = out;
          ofProbabilities.write(x, into);
        }),
      }),
    }),
    ...(decisionFunction && {
      decisionFunction: all((x) => flatten(decisions, x, decisions.columns === 1)),
    }),
    ...(joint === 'scores' && { predictJointLogProba: all(raw) }),
  };
}

const indexArrays = 'Int32Array or Uint16Array or Uint8Array';

/**
 * Checks memory that results are written to: numbers, or indices of that many classes. A type too narrow for an index would keep another one,
 * silently.
 */
export function checkOut(out: Float64Array | Indices, needed: number, classes = 0): void {
  const fits =
    classes > 0
      ? out instanceof Int32Array || out instanceof Uint16Array || out instanceof Uint8Array
      : out instanceof Float64Array;
  if (!fits) refuse('input-type', 'out', `expected ${classes > 0 ? indexArrays : 'Float64Array'}`);
  if (out.length < needed)
    refuse('input-shape', 'out', `expected room for ${needed} values, found ${out.length}`);
  // A power would take longer than all other checks.
  if ((classes - 1) >>> (8 * out.BYTES_PER_ELEMENT - 1) > 1)
    refuse('input-type', 'out', `too narrow for ${classes} classes`);
}
