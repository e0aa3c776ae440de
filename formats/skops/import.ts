import type { ImportedModel, ImportOptions } from '../format.js';
import { checkGraph } from '../python/graph.js';
import { lowerModel } from '../sklearn/lower.js';
import { readSkops } from './read.js';

export { isZip as isSkops } from './zip.js';

/** Imports a fitted scikit-learn estimator that `skops.io.dump` wrote. */
export async function importSkops(
  bytes: Uint8Array,
  options: ImportOptions,
): Promise<ImportedModel> {
  const value = await readSkops(bytes, options.limits.memoryBytes);
  checkGraph(value);
  const { root, input, provenance } = lowerModel(value, null, options);
  return { root, input, golden: [], provenance: { ...provenance, time: null } };
}
