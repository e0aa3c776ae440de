import type { ImportedModel, ImportOptions } from '../format.js';
import { lowerModel } from '../sklearn/lower.js';
import { readSklearnJsonPackage } from './read.js';

/** Imports a file that the public package sklearn-json wrote. */
export function importSklearnJsonPackage(bytes: Uint8Array, options: ImportOptions): ImportedModel {
  const { model, version } = readSklearnJsonPackage(bytes);
  const { root, input, provenance } = lowerModel(model, version, options);
  return { root, input, golden: [], provenance: { ...provenance, time: null } };
}
