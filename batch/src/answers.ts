import {
  type Classifier,
  Matrix,
  type MatrixLike,
  type MethodName,
  type Model,
  NuthatchError,
  SparseMatrix,
} from 'nuthatch';
import type { Column, ColumnType, Given } from './batch.js';
import { featuresOf, methodOf } from './features.js';

/** One method's columns of the output. */
export interface AnswerPlan {
  readonly method: MethodName;
  readonly names: readonly string[];
  readonly type: ColumnType;
  /** Of each column the labels that it holds; null where these are no labels. */
  readonly categories: readonly (readonly unknown[])[] | null;
  /** How many columns each output of several has, where JSON nests them. */
  readonly groups: readonly number[] | null;
  /** Whether the answer to a row is one value, and no list. */
  readonly scalar: boolean;
}

/** What the columns of a method's answers are called. `beside` others, those of probabilities begin with the method's name. */
export function planAnswers(model: Model, method: MethodName, beside: boolean): AnswerPlan {
  const { names, groups = null } = namesOf(model, method, beside ? `${method}_` : '');
  const empty = methodOf(model, method)([]);
  const scalar =
    ArrayBuffer.isView(empty) ||
    (model.task === 'classifier' && !model.multiOutput && method === 'predict');
  const categories = labelsOf(model, method);
  return { method, names, type: typeOf(model, method), categories, groups, scalar };
}

function namesOf(
  model: Model,
  method: MethodName,
  prefix: string,
): { names: readonly string[]; groups?: readonly number[] } {
  const numbered = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${name}_${i}`);
  const empty = methodOf(model, method)([]);
  if (model.task === 'classifier') {
    if (method === 'predict')
      return {
        names: model.multiOutput ? numbered('prediction', model.classes.length) : ['prediction'],
      };
    if (/^predict_(log_)?proba$/.test(method)) {
      if (!model.multiOutput) return { names: model.classes.map((label) => `${prefix}${label}`) };
      // A chain gives the second class's of each output.
      if (empty instanceof Matrix)
        return { names: numbered(prefix ? method : 'probability', empty.cols) };
      return {
        names: model.classes.flatMap((classes, k) =>
          classes.map((label) => `${prefix}${k}_${label}`),
        ),
        groups: model.classes.map(({ length }) => length),
      };
    }
  }
  const name = method === 'predict' ? 'prediction' : method;
  const width = widthOf(model, method, empty);
  return { names: width === 1 ? [name] : numbered(name, width) };
}

/** Columns of a method's answer, of which `empty` is one to no rows. */
function widthOf(model: Model, method: MethodName, empty: unknown): number {
  if (empty instanceof Matrix || empty instanceof SparseMatrix) return empty.cols;
  if (method !== 'transform') return 1;
  // Plain rows, of which an answer to none does not tell the width. One of these is taken by whatever gives such.
  const { features } = featuresOf(model);
  for (const cell of [null, '', '0']) {
    const row = features.map((kind) => (cell && kind !== 'string' ? 0 : cell));
    try {
      return (methodOf(model, method)([row]) as unknown[][])[0]!.length;
    } catch {
      // The next.
    }
  }
  throw new NuthatchError('unsupported', method, 'the columns of what it gives are not known');
}

function typeOf(model: Model, method: MethodName): ColumnType {
  if (method === 'apply') return 'integer';
  if (method === 'transform') {
    const empty = methodOf(model, method)([]);
    return empty instanceof Matrix || empty instanceof SparseMatrix ? 'number' : 'mixed';
  }
  if (model.task !== 'classifier' || method !== 'predict') return 'number';
  const labels = labelsOf(model, method)!.flat();
  const [first] = labels;
  if (!labels.every((label) => typeof label === typeof first)) return 'mixed';
  if (typeof first === 'boolean') return 'boolean';
  if (typeof first === 'string') return 'string';
  return labels.every(Number.isInteger) ? 'integer' : 'number';
}

function labelsOf(model: Model, method: MethodName): AnswerPlan['categories'] {
  if (model.task !== 'classifier' || method !== 'predict') return null;
  const { classes, multiOutput, outlierLabels } = model;
  const labels = multiOutput ? classes : [classes];
  return outlierLabels ? labels.map((own, k) => [...own, outlierLabels[k]]) : labels;
}

/** What a model answers to so many rows; where these are labels, the number of each among the plan's, row after row. */
export function askModel(model: Model, plan: AnswerPlan, input: Given, rows: number): unknown {
  if (plan.categories === null) return methodOf(model, plan.method)(input);
  const numbers = new Int32Array(rows * plan.names.length);
  // It takes whatever predict does.
  (model as Classifier).predictInto(input as MatrixLike, numbers);
  return numbers;
}

/** An answer to rows as columns of the output. */
export function columnsOfAnswer(
  plan: Pick<AnswerPlan, 'names' | 'type' | 'categories'>,
  answer: unknown,
): Column[] {
  const { names, type, categories } = plan;
  // Of one shape: V8 compiles what reads columns for each one again.
  const flat = (
    values: ArrayLike<unknown>,
    stride: number,
    offset: number,
    name: string,
    labels?: readonly unknown[],
  ): Column => ({ name, type, values, offset, stride, categories: labels });
  if (categories)
    return names.map((name, i) => flat(answer as Int32Array, names.length, i, name, categories[i]));
  if (answer instanceof SparseMatrix) return columnsOfAnswer(plan, answer.toMatrix());
  if (answer instanceof Matrix)
    return names.map((name, i) => flat(answer.data, answer.cols, i, name));
  const list = answer as ArrayLike<unknown>;
  if (list[0] instanceof Matrix) {
    let at = 0;
    return (answer as Matrix[]).flatMap(({ data, cols }) => {
      const own = names.slice(at, at + cols);
      at += cols;
      return own.map((name, i) => flat(data, cols, i, name));
    });
  }
  // An answer to no rows does not tell that those of several columns are lists.
  if (names.length > 1 || Array.isArray(list[0])) {
    const cells = (answer as unknown[][]).flat();
    return names.map((name, i) => flat(cells, names.length, i, name));
  }
  return [flat(list, 1, 0, names[0]!)];
}
