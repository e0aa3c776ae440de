import { NuthatchError, type Problem } from '../errors.js';
import type { Value } from '../input/dense.js';
import type { RunnableModel } from '../ir/index.js';
import type { Scratch } from '../kernels/shared-memory.js';
import type { Turn } from './turn.js';

/** What a thread is told first: the model, its tensors views of memory that threads share. */
export interface Start {
  readonly description: RunnableModel;
  /** Where it may write in that memory; null where it walks trees without WebAssembly. */
  readonly scratch: Scratch | null;
}

/** Rows to answer. */
export interface Task {
  /** A method of the model. */
  readonly method: string;
  readonly rows: RowsMessage;
  /** Of the call's rows, the first of these. */
  readonly start: number;
  /** What shares these rows out to threads, so many; null where one answers all. */
  readonly turn: Turn | null;
  readonly takers: number;
}

/** What a method gave to some rows of a call, and which is the first of them. */
export type Share = readonly [start: number, answer: unknown];

/** Rows as a thread is sent them: a `Value` but for what its model knows. */
export type RowsMessage = Pick<Value, 'data' | 'strings' | 'singles' | 'rows'>;

/** What a thread says: the rows that it answered, none for `Start`, or what the method threw. */
export type Reply = { readonly answer: readonly Share[] } | { readonly failure: Failure };

/** An error as it can be sent: of ours, only its parts. */
type Failure = Refusal | { readonly error: unknown };
interface Refusal {
  readonly code: NuthatchError['code'];
  readonly path: string;
  readonly message: string;
  readonly problems: readonly Problem[];
}

export function toFailure(error: unknown): Failure {
  if (!(error instanceof NuthatchError)) return { error };
  const { code, path, problems, message } = error;
  return { code, path, problems, message: path === '' ? message : message.slice(path.length + 2) };
}

export function fromFailure(failure: Failure): unknown {
  if (!('code' in failure)) return failure.error;
  const { code, path, message, problems } = failure;
  return new NuthatchError(code, path, message, problems);
}
