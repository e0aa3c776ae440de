import {
  type Input,
  type Label,
  Matrix,
  type MethodName,
  type Model,
  methodNames,
  SparseMatrix,
} from 'nuthatch';
import { HttpError } from './http-error.js';
import type { ServedModel } from './served-model.js';

/** What a row is answered: a value, a list, or one of these for each output. NaN and infinities are null in JSON. */
export type RowAnswer = Label | null | readonly RowAnswer[];

/** The method that a model is served by where none is asked for. */
export function usualMethod({ task }: Model): MethodName {
  if (task === 'transformer') return 'transform';
  return task === 'density' ? 'score_samples' : 'predict';
}

/** A method of scikit-learn's name that the model has. @throws HttpError 400 */
export function methodOf({ model }: Pick<ServedModel, 'model'>, name: unknown): MethodName {
  if (name === undefined || name === null) return usualMethod(model);
  const served = model.methods.filter((method) => method !== 'decision_path');
  const found = served.find((method) => method === name);
  if (found !== undefined) return found;
  throw new HttpError(400, 'usage', `this model has the methods ${served.join(', ')}`, 'method');
}

/** Answers rows by a method, row after row. @throws NuthatchError `input-…` */
export function answer(
  { model }: Pick<ServedModel, 'model'>,
  method: MethodName,
  rows: Input,
): RowAnswer[] {
  // The commonest request by far: a row alone needs no matrix.
  if (method === 'predict' && 'predictOne' in model && Array.isArray(rows) && rows.length === 1)
    return [model.predictOne(rows[0])];
  const run = (model as unknown as Record<string, (X: Input) => unknown>)[methodNames[method]]!;
  return toRows(run(rows));
}

/** What a method of the library gives, row after row. */
export function toRows(result: unknown): RowAnswer[] {
  if (result instanceof SparseMatrix) return result.toMatrix().toArray();
  if (result instanceof Matrix) return result.toArray();
  if (Array.isArray(result) && result[0] instanceof Matrix) {
    const outputs = (result as Matrix[]).map((matrix) => matrix.toArray());
    return outputs[0]!.map((_, row) => outputs.map((output) => output[row]!));
  }
  return Array.from(result as ArrayLike<RowAnswer>);
}
