import { createModel, type Model, type ModelDescription, NuthatchError } from 'nuthatch';
import { readModel, workerThreads } from 'nuthatch/node';
import { passed, verify } from 'nuthatch/verify';

/** A version of a model, ready to answer. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  readonly model: Model;
  readonly description: ModelDescription;
  /** Golden values that were replayed before it was let in. */
  readonly replayed: number;
  readonly loadSeconds: number;
}

/**
 * Reads a model of any format, replays its golden rows and makes it ready.
 *
 * @throws NuthatchError the codes of `readModel`; `invalid-model` where an answer is not that of the rows
 */
export async function loadServed(
  name: string,
  version: string,
  path: string,
): Promise<ServedModel> {
  const started = performance.now();
  const description = await readModel(path);
  const comparisons = verify(description);
  if (!passed(comparisons)) {
    const failed = comparisons.reduce((sum, one) => sum + one.failed, 0);
    throw new NuthatchError(
      'invalid-model',
      name,
      `${failed} golden values do not hold in this runtime`,
    );
  }
  return {
    name,
    version,
    description,
    model: createModel(description, { accelerator: workerThreads }),
    replayed: comparisons.reduce((sum, { values }) => sum + values, 0),
    loadSeconds: (performance.now() - started) / 1000,
  };
}
