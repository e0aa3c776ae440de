import { importModel } from '../../formats/index.js';
import { NuthatchError, type Problem } from '../../src/errors.js';
import type { ModelDescription } from '../../src/ir/index.js';
import { document, type Json, ndarray, object, toBytes } from '../hostile/documents.js';

/** Fitted estimators in the exporter's words, as small as the lowering reads them. */

export type Attributes = Readonly<Record<string, Json>>;

export function estimator(className: string, attributes: Attributes): Json {
  return object(className, [...Object.entries(attributes), ['_sklearn_version', '1.9.1']]);
}

export const tuple = (...items: readonly Json[]): Json => ({ $: 'tuple', items });

export const dict = (entries: Attributes): Json => ({ $: 'dict', items: Object.entries(entries) });

export const nan: Json = { $: 'float', value: 'nan' };

export const named = (name: string): Json => ({ $: 'global', name });

/** An array of objects: strings, numbers, None. */
export const objects = (items: readonly Json[]): Json => ({
  $: 'ndarray',
  dtype: '|O',
  shape: [items.length],
  order: 'C',
  data: items,
});

export const floats = (...values: readonly number[]): Json => ndarray(Float64Array.from(values));

export const standardScaler = (features: number, more: Attributes = {}): Json =>
  estimator('sklearn.preprocessing._data.StandardScaler', {
    with_mean: true,
    with_std: true,
    mean_: ndarray(new Float64Array(features)),
    scale_: ndarray(new Float64Array(features).fill(2)),
    n_features_in_: features,
    ...more,
  });

export const oneHotEncoder = (categories: readonly Json[], more: Attributes = {}): Json =>
  estimator('sklearn.preprocessing._encoders.OneHotEncoder', {
    handle_unknown: 'ignore',
    sparse_output: false,
    dtype: named('numpy.float64'),
    categories_: categories,
    _infrequent_enabled: false,
    _drop_idx_after_grouping: null,
    n_features_in_: categories.length,
    ...more,
  });

export const functionTransformer = (func: Json, more: Attributes = {}): Json =>
  estimator('sklearn.preprocessing._function_transformer.FunctionTransformer', {
    func,
    validate: false,
    kw_args: null,
    ...more,
  });

export const pipeline = (...steps: readonly Json[]): Json =>
  estimator('sklearn.pipeline.Pipeline', {
    steps: steps.map((step, i) => tuple(`step${i}`, step)),
  });

export const featureUnion = (parts: Attributes, more: Attributes = {}): Json =>
  estimator('sklearn.pipeline.FeatureUnion', {
    transformer_list: Object.entries(parts).map(([name, part]) => tuple(name, part)),
    transformer_weights: null,
    ...more,
  });

/** On columns by index; what no part has is dropped. */
export function columnTransformer(
  names: readonly string[],
  parts: Readonly<Record<string, readonly [part: Json, columns: readonly number[]]>>,
  more: Attributes = {},
): Json {
  const transformers = Object.entries(parts).map(([name, [part, columns]]) =>
    tuple(name, part, columns),
  );
  return estimator('sklearn.compose._column_transformer.ColumnTransformer', {
    transformers,
    transformers_: transformers,
    transformer_weights: null,
    _transformer_to_input_indices: dict(
      Object.fromEntries(Object.entries(parts).map(([name, [, columns]]) => [name, columns])),
    ),
    sparse_output_: false,
    feature_names_in_: objects(names),
    n_features_in_: names.length,
    ...more,
  });
}

export function importEstimator(model: Json): Promise<ModelDescription> {
  return importModel(toBytes(document(model)));
}

/** The gaps for which an estimator is refused. */
export async function gapsOf(model: Json): Promise<readonly Problem[]> {
  try {
    await importEstimator(model);
  } catch (error) {
    if (error instanceof NuthatchError && error.code === 'unsupported') return error.problems;
    throw error;
  }
  throw new Error('was imported');
}
