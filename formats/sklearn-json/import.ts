import { answers } from '../../src/ir/index.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { lowerModel } from '../sklearn/lower.js';
import { goldenColumns, stringColumns, toGoldenSet } from './golden.js';
import { readSklearnJson, type SourceGoldenSet } from './read.js';
import { toReference } from './reference.js';

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
  const asked = answers(root) ? document.golden : document.golden.map(without('score_samples'));
  const golden = provenance.library === 'scikit-learn' ? asked : asked.map(without('apply'));
  return {
    root,
    input,
    golden: golden.map((set) => toGoldenSet(set, input, document.environment)),
    reference: toReference(document.reference, input),
    provenance: { ...provenance, time: document.environment.get('time') ?? null },
  };
}

/** Not offered: densities of many columns, of what transforms alone, and the leaves of other libraries' trees. */
const without =
  (left: string) =>
  (set: SourceGoldenSet): SourceGoldenSet => ({
    ...set,
    outputs: set.outputs.filter(([method]) => method !== left),
  });
