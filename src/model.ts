import { compileModel } from './compile/compile.js';
import {
  addOffset,
  compileClassifierOutputs,
  linkInPlace,
  logInPlace,
  singleProbabilities,
} from './compile/head.js';
import type { Scorer } from './compile/scorer.js';
import type { Transformer as CompiledTransformer } from './compile/transformer.js';
import { NuthatchError } from './errors.js';
import type { Value } from './input/dense.js';
import type { MatrixLike } from './input/matrix.js';
import { copyAny, type Input, readInput } from './input/read.js';
import type { RecordRow } from './input/records.js';
import type { Row } from './input/rows.js';
import { createTarget } from './input/target.js';
import {
  type ClassifierHead,
  type InputSpec,
  inputColumns,
  inputNames,
  type Label,
  labelValues,
  type RegressorHead,
  type RunnableModel,
} from './ir/index.js';
import { type DecisionPath, Matrix, type TransformResult } from './result.js';
import { transformAll } from './transform-all.js';

/** A model ready for use. Narrow it by `task` and `multiOutput`, or with `asPredictor`, `asClassifier`, `asRegressor`, `asTransformer`. */
export type Model = Predictor | Transformer;

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
}

/** Makes other columns of the rows: a scaler, an encoder, a composition of such. */
export interface Transformer extends BaseModel {
  readonly task: 'transformer';
  readonly multiOutput: false;
  /**
   * What becomes of the rows: a matrix, compressed rows where scikit-learn gives sparse ones, or plain rows where columns hold strings.
   *
   * @throws NuthatchError `input-…`
   */
  transform(X: Input): TransformResult;
}

interface ScoringModel extends BaseModel {
  /** The scores behind predictions, before any link: [rows × score columns]. Margins, votes or means. */
  raw(X: Input): Matrix;
  /** The leaf of each row in each tree, in the source's numbering: a vector for a single tree, a matrix for a forest. */
  apply?(X: Input): Int32Array | Matrix<Int32Array>;
  /** The nodes that each row passes. */
  decisionPath?(X: Input): DecisionPath;
}

/** Chooses one class a row. Source: scikit-learn's methods of the same name. */
export interface Classifier extends ScoringModel {
  readonly task: 'classifier';
  readonly multiOutput: false;
  /** Class labels, in scikit-learn's order (`classes_`). */
  readonly classes: readonly Label[];
  /** The label of each row. @throws NuthatchError `input-…` */
  predict(X: Input): Label[];
  /** The label of one row or record. */
  predictOne(row: Row | RecordRow): Label;
  /** Writes the index into `classes` of each row's label to `out` [rows]. Allocates nothing in the steady state. */
  predictInto(X: MatrixLike, out: Int32Array | Uint8Array | Uint16Array): void;
  /** Probabilities [rows × classes]. Only where scikit-learn has them. */
  predictProba?(X: Input): Matrix;
  /** Natural logarithms of the probabilities [rows × classes]. */
  predictLogProba?(X: Input): Matrix;
  /** Writes the probabilities to `out` [rows × classes]. */
  predictProbaInto?(X: MatrixLike, out: Float64Array): void;
  /** Margins: [rows] for two classes, [rows × classes] for more. */
  decisionFunction?(X: Input): Float64Array | Matrix;
  /** How normal each row is [rows]: an outlier detector's margins before its offset. */
  scoreSamples?(X: Input): Float64Array;
}

/** Chooses one class a row for each of several outputs. */
export interface MultiOutputClassifier extends ScoringModel {
  readonly task: 'classifier';
  readonly multiOutput: true;
  /** Class labels of each output. */
  readonly classes: readonly (readonly Label[])[];
  /** The labels of each row, one for each output. */
  predict(X: Input): Label[][];
  predictOne(row: Row | RecordRow): Label[];
  /** Writes class indices [rows × outputs]. */
  predictInto(X: MatrixLike, out: Int32Array | Uint8Array | Uint16Array): void;
  /** Probabilities of each output: [rows × its classes]. */
  predictProba?(X: Input): Matrix[];
  predictLogProba?(X: Input): Matrix[];
  /** Margins of two classes each [rows × outputs]. */
  decisionFunction?(X: Input): Matrix;
}

/** Predicts one number a row. */
export interface Regressor extends ScoringModel {
  readonly task: 'regressor';
  readonly multiOutput: false;
  /** The value of each row. @throws NuthatchError `input-…` */
  predict(X: Input): Float64Array;
  predictOne(row: Row | RecordRow): number;
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
  predictOne(row: Row | RecordRow): number[];
  predictInto(X: MatrixLike, out: Float64Array): void;
}

/** Methods by scikit-learn's name and by ours; `raw` is ours alone. */
export const methodNames = {
  predict: 'predict',
  predict_std: 'predictStd',
  predict_proba: 'predictProba',
  predict_log_proba: 'predictLogProba',
  decision_function: 'decisionFunction',
  score_samples: 'scoreSamples',
  apply: 'apply',
  decision_path: 'decisionPath',
  transform: 'transform',
  raw: 'raw',
} as const;
export type MethodName = keyof typeof methodNames;

/** Makes a described model ready for use. The description must have passed `validateRunnable` or `validateModel`. */
export function createModel(description: RunnableModel): Model {
  const { root, input } = description;
  if (input.type === 'text') {
    throw new NuthatchError(
      'unsupported',
      'model.input',
      'this release does not know text input; update nuthatch',
    );
  }
  const compiled = compileModel(description);
  const model = {
    description: { root, input },
    nFeatures: inputColumns(input),
    featureNames: inputNames(input),
    ...('head' in compiled ? scoringMethods(compiled, input) : transformMethods(compiled, input)),
  };
  const methods = (Object.keys(methodNames) as MethodName[]).filter(
    (name) => methodNames[name] in model,
  );
  return Object.freeze({ ...model, methods }) as Model;
}

function scoringMethods(scorer: Scorer, input: InputSpec) {
  const { head } = scorer;
  const raw = createRaw(scorer, input);
  return {
    raw,
    ...leafMethods(scorer, input),
    ...(head.task === 'classifier'
      ? classifierMethods(scorer, head, input, raw)
      : regressorMethods(scorer, head, input)),
  };
}

function transformMethods(transformer: CompiledTransformer, input: InputSpec) {
  return {
    task: 'transformer',
    multiOutput: false,
    transform: (X: Input): TransformResult => transformAll(transformer, readInput(input, X)),
  };
}

/** The model as one that predicts; throws `usage` if it only transforms. */
export function asPredictor(model: Model): Predictor {
  return model.task === 'transformer' ? refuseTask('model that predicts', model) : model;
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
  throw new NuthatchError('usage', 'model', `expected a ${expected}, found a ${found}`);
}

/** Raw scores of a batch, in a scratch that the next batch uses again. */
interface Scores {
  values: Float64Array;
  /** Whether they are float32. */
  single: boolean;
}

function createScores(scorer: Scorer): (x: Value) => Scores {
  const scores: Scores = { values: new Float64Array(scorer.outputs), single: false };
  return (x) => {
    const size = x.rows * scorer.outputs;
    if (scores.values.length < size) scores.values = new Float64Array(size);
    scores.single = scorer.score(x, scores.values);
    return scores;
  };
}

/** One row as a value, in a scratch that is used again. */
function createOneRow(spec: InputSpec): (row: Row | RecordRow) => Value {
  const target = createTarget(spec, 1);
  return (row) => {
    copyAny(row, 0, target);
    return target.value;
  };
}

/** The scores behind predictions. */
type RawMethod = (X: Input) => Matrix;

function createRaw(scorer: Scorer, spec: InputSpec): RawMethod {
  return (X) => {
    const x = readInput(spec, X);
    const out = new Float64Array(x.rows * scorer.outputs);
    scorer.score(x, out);
    return new Matrix(out, x.rows, scorer.outputs);
  };
}

/** One column as a vector. */
function vectorOrMatrix(matrix: Matrix): Float64Array | Matrix {
  return matrix.cols === 1 ? matrix.data : matrix;
}

function leafMethods({ leaves }: Scorer, spec: InputSpec) {
  if (leaves === null) return {};
  return {
    apply(X: Input): Int32Array | Matrix<Int32Array> {
      const x = readInput(spec, X);
      const ids = leaves.apply(x);
      return leaves.forest ? new Matrix(ids, x.rows, leaves.trees) : ids;
    },
    decisionPath(X: Input): DecisionPath {
      const x = readInput(spec, X);
      const indptr = new Int32Array(x.rows + 1);
      const indices: number[] = [];
      for (let row = 0; row < x.rows; row++) {
        leaves.path(x, row, (tree, node) => indices.push(leaves.treeStarts[tree]! + node));
        indptr[row + 1] = indices.length;
      }
      const { treeStarts } = leaves;
      return {
        rows: x.rows,
        cols: treeStarts[leaves.trees]!,
        indptr,
        indices: Int32Array.from(indices),
        treeStarts,
      };
    },
  };
}

function regressorMethods(scorer: Scorer, head: RegressorHead, spec: InputSpec) {
  const oneRow = createOneRow(spec);
  const values = new Float64Array(scorer.outputs);
  const { outputs, deviations } = scorer;
  const { flat } = head;
  function answer(x: Value, out: Float64Array): void {
    linkInPlace(head, out, x.rows * outputs, scorer.score(x, out));
  }
  function predictInto(X: MatrixLike, out: Float64Array): void {
    const x = readInput(spec, X);
    checkValuesOut(out, x.rows * outputs);
    // Scores are written while rows are still read.
    if (out.buffer === x.data.buffer)
      throw new NuthatchError('usage', 'out', 'shares its memory with the rows');
    answer(x, out);
  }
  return {
    task: 'regressor',
    multiOutput: !flat,
    predict(X: Input): Float64Array | Matrix {
      const x = readInput(spec, X);
      const out = new Float64Array(x.rows * outputs);
      answer(x, out);
      return flat ? out : new Matrix(out, x.rows, outputs);
    },
    predictOne(row: Row | RecordRow): number | number[] {
      answer(oneRow(row), values);
      return flat ? values[0]! : Array.from(values);
    },
    predictInto,
    ...(deviations && { predictStd: (X: Input) => deviations(readInput(spec, X)) }),
  };
}

function classifierMethods(scorer: Scorer, head: ClassifierHead, spec: InputSpec, raw: RawMethod) {
  const outputs = compileClassifierOutputs(head);
  const classes = head.labels.map(labelValues);
  const oneRow = createOneRow(spec);
  const scores = createScores(scorer);
  const oneChoice = new Int32Array(outputs.length);
  const multiOutput = outputs.length > 1;
  const mostClasses = outputs.reduce((most, output) => Math.max(most, output.classes), 0);

  function chooseInto(x: Value, out: Int32Array | Uint8Array | Uint16Array): void {
    const { values } = scores(x);
    for (let k = 0; k < outputs.length; k++)
      outputs[k]!.choose(values, x.rows, out, k, outputs.length);
  }
  function chooseOne(row: Row | RecordRow): Int32Array {
    chooseInto(oneRow(row), oneChoice);
    return oneChoice;
  }
  function choices(X: Input): Int32Array {
    const x = readInput(spec, X);
    const out = new Int32Array(x.rows * outputs.length);
    chooseInto(x, out);
    return out;
  }
  function predictInto(X: MatrixLike, out: Int32Array | Uint8Array | Uint16Array): void {
    const x = readInput(spec, X);
    checkIndicesOut(out, x.rows * outputs.length, mostClasses);
    chooseInto(x, out);
  }
  function probabilities(X: Input, logarithms: boolean): Matrix[] {
    const x = readInput(spec, X);
    const { values, single } = scores(x);
    return outputs.map((output) => {
      const out = new Float64Array(x.rows * output.classes);
      output.probabilities!(values, x.rows, single, out);
      if (logarithms) logInPlace(out, singleProbabilities(head, single));
      return new Matrix(out, x.rows, output.classes);
    });
  }
  /** The label of a row, or its labels where there are several outputs. */
  const labelsOf = (chosen: Int32Array, row: number): Label | Label[] =>
    multiOutput
      ? classes.map((labels, k) => labels[chosen[row * outputs.length + k]!]!)
      : classes[0]![chosen[row]!]!;
  const oneOrAll = <T>(values: readonly T[]): T | readonly T[] =>
    multiOutput ? values : values[0]!;
  return {
    task: 'classifier',
    multiOutput,
    classes: oneOrAll(classes),
    predict(X: Input): (Label | Label[])[] {
      const chosen = choices(X);
      return Array.from({ length: chosen.length / outputs.length }, (_, row) =>
        labelsOf(chosen, row),
      );
    },
    predictOne: (row: Row | RecordRow): Label | Label[] => labelsOf(chooseOne(row), 0),
    predictInto,
    ...(head.probability !== null && {
      predictProba: (X: Input) => oneOrAll(probabilities(X, false)),
      predictLogProba: (X: Input) => oneOrAll(probabilities(X, true)),
    }),
    ...(head.probability !== null &&
      !multiOutput && {
        predictProbaInto(X: MatrixLike, out: Float64Array): void {
          const x = readInput(spec, X);
          checkValuesOut(out, x.rows * mostClasses);
          const { values, single } = scores(x);
          outputs[0]!.probabilities!(values, x.rows, single, out);
        },
      }),
    ...(head.decisionFunction && {
      decisionFunction: (X: Input): Float64Array | Matrix => vectorOrMatrix(raw(X)),
    }),
    ...(head.scoreOffset && {
      scoreSamples(X: Input): Float64Array {
        const x = readInput(spec, X);
        const { values, single } = scores(x);
        return addOffset(head, values.slice(0, x.rows), single);
      },
    }),
  };
}

function checkValuesOut(out: Float64Array, needed: number): void {
  checkOut(out, [Float64Array], needed);
}

function checkIndicesOut(
  out: Int32Array | Uint8Array | Uint16Array,
  needed: number,
  classes: number,
): void {
  checkOut(out, [Int32Array, Uint16Array, Uint8Array], needed);
  // A type too narrow for an index would keep another one, silently.
  if (classes > 2 ** (8 * out.BYTES_PER_ELEMENT)) {
    throw new NuthatchError('input-type', 'out', `too narrow for ${classes} classes`);
  }
}

function checkOut(
  out: ArrayLike<number>,
  types: readonly { readonly name: string; new (length: number): object }[],
  needed: number,
): void {
  if (!types.some((type) => out instanceof type)) {
    throw new NuthatchError(
      'input-type',
      'out',
      `expected ${types.map(({ name }) => name).join(' or ')}`,
    );
  }
  if (out.length < needed) {
    throw new NuthatchError(
      'input-shape',
      'out',
      `expected room for ${needed} values, found ${out.length}`,
    );
  }
}
