import type { Input, MethodName } from 'nuthatch';
import type { RowAnswer } from '../../answer.js';
import { usualMethod } from '../../answer.js';
import { HttpError } from '../../http-error.js';
import type { ServedModel } from '../../served-model.js';
import type { Datatype, Tensor } from './tensor.js';

/** What a model takes and gives, in the protocol's words. */
export interface Slot {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** One matrix of numbers; or a tensor for each column, where some hold words; or documents. */
export function inputsOf({ description, model }: ServedModel): readonly Slot[] {
  const { input } = description;
  if (input.type === 'matrix')
    return [{ name: 'input', datatype: 'FP64', shape: [-1, model.nFeatures] }];
  if (input.type === 'text') return [{ name: 'input', datatype: 'BYTES', shape: [-1] }];
  return input.columns
    .map((column, i): Slot & { readonly type: string } => ({
      name: column.name ?? String(i),
      datatype: ['string', 'category'].includes(column.type) ? 'BYTES' : 'FP64',
      shape: [-1],
      type: column.type,
    }))
    .filter(({ type }) => type !== 'unused')
    .map(({ type: _, ...slot }) => slot);
}

export function outputsOf(served: ServedModel): readonly Slot[] {
  return served.model.methods
    .filter((method) => method !== 'decision_path')
    .map((method) => ({
      name: method,
      datatype: method === 'predict' ? labelType(served) : method === 'apply' ? 'INT32' : 'FP64',
      shape: [-1, ...(widthOf(served, method) === null ? [] : [-1])],
    }));
}

/** What labels are: words, whole numbers, truths or numbers. */
function labelType({ model }: ServedModel): Datatype {
  if (model.task !== 'classifier') return 'FP64';
  const labels = model.multiOutput ? model.classes.flat() : model.classes;
  if (labels.every((label) => typeof label === 'boolean')) return 'BOOL';
  if (labels.every((label) => Number.isSafeInteger(label))) return 'INT64';
  return labels.every((label) => typeof label === 'number') ? 'FP64' : 'BYTES';
}

/** null where a row is answered one value. */
function widthOf({ model }: ServedModel, method: MethodName): 'some' | null {
  if (method === 'predict') return model.multiOutput ? 'some' : null;
  return method === 'score_samples' || method === 'predict_std' ? null : 'some';
}

export const defaultOutput = ({ model }: ServedModel): MethodName => usualMethod(model);

/** Rows of tensors: one matrix, one tensor of documents, or a table of columns by name. */
export function rowsOf(served: ServedModel, inputs: readonly Tensor[]): Input {
  const [first] = inputs;
  const isAlone = inputs.length === 1;
  const { input } = served.description;
  if (isAlone && input.type === 'text') return Array.from(first!.data as readonly string[]);
  const columns = first!.shape[1];
  if (isAlone && first!.shape.length === 2 && columns !== 1) {
    const [rows] = first!.shape as [number, number];
    if (columns !== served.model.nFeatures)
      throw new HttpError(
        400,
        'input-shape',
        `expected ${served.model.nFeatures} columns, found ${columns}`,
        'inputs[0]',
      );
    return matrixOf(first!, rows, columns!);
  }
  const lengths = new Set(inputs.map(({ shape }) => shape[0]));
  const isColumn = ({ shape }: Tensor) =>
    shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (lengths.size > 1 || !inputs.every(isColumn))
    throw new HttpError(
      400,
      'input-shape',
      'expected one matrix, or columns that are equally long',
      'inputs',
    );
  if (isAlone && served.model.nFeatures === 1) return matrixOf(first!, first!.data.length, 1);
  // A row as a vector.
  if (isAlone && input.type === 'matrix') return matrixOf(first!, 1, first!.data.length);
  const table: Record<string, unknown> = Object.create(null);
  for (const { name, data } of inputs) table[name] = Array.from(data as readonly number[]);
  return { ...table } as Input;
}

/** Numbers are used in place, and float32 to the model where they come as such: as to a server in Python. */
function matrixOf({ data }: Tensor, rows: number, cols: number): Input {
  if (ArrayBuffer.isView(data)) return { data, rows, cols };
  const rowAt = (row: number) => data.slice(row * cols, (row + 1) * cols);
  return Array.from({ length: rows }, (_, row) => rowAt(row)) as Input;
}

/** Answers to rows as a tensor. */
export function tensorOf(slot: Slot, answers: readonly RowAnswer[]): Tensor {
  const { name, datatype } = slot;
  const [first] = answers;
  const width = Array.isArray(first) ? (first.flat(8) as unknown[]).length : null;
  return {
    name,
    datatype,
    shape: width === null ? [answers.length] : [answers.length, width],
    data: answers.flat(8) as Tensor['data'],
  };
}
