import type { ImportedModel, ImportOptions } from '../format.js';
import { checkGraph } from '../python/graph.js';
import { lowerModel } from '../sklearn/lower.js';
import { readPickle } from './machine.js';

/** Whether the bytes look like a pickle, or a joblib file that is not compressed: a protocol from 2 on, or an object of protocol 0 or 1. */
export function isPickle(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x80) return bytes[1]! >= 2 && bytes.length > 2;
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 100));
  return /^c[\w.]+\n\w+\n/.test(start);
}

/** Imports a fitted scikit-learn estimator that `pickle.dump` or `joblib.dump` wrote. Nothing in it is called. */
export function importPickle(bytes: Uint8Array, options: ImportOptions): ImportedModel {
  const value = readPickle(bytes, options.limits.memoryBytes, options.onProgress);
  checkGraph(value);
  const { root, input, provenance } = lowerModel(value, null, options);
  return { root, input, golden: [], provenance: { ...provenance, time: null } };
}
