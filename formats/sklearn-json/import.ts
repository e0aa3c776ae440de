import type { ImportedModel, ImportOptions } from '../format.js';
import { lowerModel } from '../sklearn/lower.js';
import { goldenColumns, stringColumns, toGoldenSet } from './golden.js';
import { readSklearnJson } from './read.js';

/** Imports a document written by the exporter. */
export function importSklearnJson(bytes: Uint8Array, options: ImportOptions): ImportedModel {
  const document = readSklearnJson(bytes);
  const { root, input, provenance } = lowerModel(
    document.model,
    document.environment.get('scikit-learn') ?? null,
    {
      ...options,
      columns: goldenColumns(document.golden),
      stringColumns: stringColumns(document.golden),
      sparseRows: document.golden.some(({ inputType }) => inputType === 'sparse'),
    },
  );
  return {
    root,
    input,
    golden: document.golden.map((set) => toGoldenSet(set, input, document.environment)),
    provenance: { ...provenance, time: document.environment.get('time') ?? null },
  };
}
