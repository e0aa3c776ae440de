import { NuthatchError, type Problem } from '../errors.js';
import type { Value } from '../input/dense.js';
import type { RunnableModel } from '../ir/index.js';
import type { Scratch } from '../kernels/shared-memory.js';

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
}

/** Rows as a thread is sent them: a `Value` but for what its model knows. */
export type RowsMessage = Pick<Value, 'data' | 'strings' | 'singles' | 'rows'>;

/** What a thread says: an answer, which for `Start` is null, or what the method threw. */
export type Reply = { readonly answer: unknown } | { readonly failure: Failure };

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
