import { answers } from '../../src/ir/index.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { lowerModel } from '../sklearn/lower.js';
import { goldenColumns, stringColumns, toGoldenSet } from './golden.js';
import { readSklearnJson, type SourceGoldenSet } from './read.js';

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
  const golden = answers(root) ? document.golden : document.golden.map(withoutDensities);
  return {
    root,
    input,
    golden: golden.map((set) => toGoldenSet(set, input, document.environment)),
    provenance: { ...provenance, time: document.environment.get('time') ?? null },
  };
}

/** Of what transforms alone: densities of many columns are not offered. */
const withoutDensities = (set: SourceGoldenSet): SourceGoldenSet => ({
  ...set,
  outputs: set.outputs.filter(([method]) => method !== 'score_samples'),
});
