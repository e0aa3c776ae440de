import { createModel, type Input, type MethodName, type Model, type RunnableModel } from 'nuthatch';
import { workerThreads } from 'nuthatch/node';
import { answer, type RowAnswer } from './answer.js';
import { compareAnswers, type Difference } from './difference.js';

/** Rows and what they were answered. */
export interface ShadowTask {
  /** What the shadow is known by. */
  readonly digest: string;
  /** The shadow, if the thread may not know it yet. */
  readonly description: RunnableModel | null;
  readonly rows: Input;
  readonly methods: readonly MethodName[];
  readonly answers: readonly (readonly RowAnswer[])[];
}

/** For each method how the answers differ, null where the shadow has none; or that it must be sent. */
export type ShadowReply = readonly (Difference | null)[] | 'unknown';

const known = new Map<string, Model>();
const mostKnown = 8;

export default function run(task: ShadowTask): ShadowReply {
  const { digest, description, rows, methods, answers } = task;
  if (description !== null) {
    known.set(digest, createModel(description, { accelerator: workerThreads }));
    if (known.size > mostKnown) known.delete(known.keys().next().value!);
  }
  const model = known.get(digest);
  if (model === undefined) return 'unknown';
  return methods.map((method, i) => {
    try {
      return compareAnswers(answers[i]!, answer({ model }, method, rows));
    } catch {
      return null;
    }
  });
}
