import { createModel, type Model, type ModelDescription } from 'nuthatch';
import { workerThreads } from 'nuthatch/node';
import type { Found } from './discover.js';
import { ModelThreads } from './model-threads.js';
import { Pace } from './pace.js';
import type { Proof } from './proof.js';
import { Statistics } from './statistics.js';
import { tensorBytes } from './tensors.js';

/** A version of a model, ready to answer. */
export interface ServedModel extends Found {
  readonly model: Model;
  readonly description: ModelDescription;
  /** Of its file's bytes: `sha256:…` */
  readonly digest: string;
  /** What its file looked like when it was read. */
  readonly mark: string;
  /** That its numbers take. */
  readonly bytes: number;
  /** Golden values that were replayed before it was let in. */
  readonly replayed: number;
  readonly loadSeconds: number;
  readonly statistics: Statistics;
  readonly pace: Pace;
  /** null where none are wanted. */
  readonly threads: ModelThreads | null;
}

/**
 * Reads a model of any format, replays its golden rows and makes it ready.
 *
 * @param threads that large batches go to
 * @throws NuthatchError of `prove`
 */
export async function loadServed(
  found: Found,
  prove: (path: string) => Promise<Proof>,
  threads: number,
): Promise<ServedModel> {
  const started = performance.now();
  const proof = await prove(found.path);
  const model = createModel(proof.description, { accelerator: workerThreads });
  return {
    ...found,
    ...proof,
    model,
    bytes: tensorBytes(proof.description),
    loadSeconds: (performance.now() - started) / 1000,
    statistics: new Statistics(),
    pace: new Pace(),
    threads: threads === 0 ? null : new ModelThreads(model, threads),
  };
}
