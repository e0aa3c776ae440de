import type { Node, Union } from '../../src/ir/index.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray, lowerEach, sequenceItems } from './estimator.js';
import { assembleUnion, lowerUnionPart, namedParts, readWeights } from './pipeline.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

export const columnTransformer = 'sklearn.compose._column_transformer.ColumnTransformer';

/** sklearn.compose */
export const composeTable: LoweringTable = {
  [columnTransformer]: lowerColumnTransformer,
};

/** The fitted transformers on the columns that fitting found for each, however they were asked for. */
function lowerColumnTransformer(transformer: Estimator): Union<Node> {
  const columnsOf = readColumns(transformer);
  const weights = readWeights(transformer);
  const fitted = namedParts(transformer, 'transformers_');
  // Its columns are kept under a name that may be taken.
  if (namedParts(transformer, 'transformers').some(({ name }) => name === 'remainder'))
    transformer.refuse('transformers', 'a transformer named "remainder" is not supported');
  const parts = lowerEach(fitted, ({ name, part }, i) => {
    if (part === 'drop') return null;
    const place = `transformers_[${i}]`;
    const columns = columnsOf.get(name);
    if (columns === undefined) return transformer.refuse(place, 'its columns are not known');
    if (columns.length === 0) return null;
    const { given } = transformer.lowering;
    return lowerUnionPart(transformer, part, place, columns, given, weights.get(name));
  });
  return assembleUnion(transformer, parts, transformer.maybe('sparse_output_') === true);
}

/** Indices of the input's columns, by the transformers' names. */
export function readColumns(transformer: Estimator): Map<string, Uint32Array> {
  const attribute = '_transformer_to_input_indices';
  const value = transformer.get(attribute);
  if (value === null || typeof value !== 'object' || value.type !== 'dict')
    return transformer.refuse(attribute, `expected a dict, found ${describePython(value)}`);
  const features = transformer.features();
  const result = new Map<string, Uint32Array>();
  for (const [name, list] of value.entries) {
    const items = isArray(list) ? toFloat64(list) : sequenceItems(list);
    const indices = items === null ? [] : Array.from(items as ArrayLike<unknown>);
    const known = indices.every(
      (index) => Number.isInteger(index) && (index as number) >= 0 && (index as number) < features,
    );
    if (typeof name !== 'string' || items === null || !known)
      return transformer.refuse(attribute, `expected lists of indices of ${features} columns`);
    result.set(name, Uint32Array.from(indices as number[]));
  }
  return result;
}
