import { quote } from '../../src/errors.js';
import { type Tally, tallyTypes } from '../../src/ir/index.js';
import { dtypeName, toFloat64, toStrings } from './arrays.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import type { LoweringTable } from './table.js';

/** sklearn.feature_extraction, and what else is given rows of items. */
export const featureExtractionTable: LoweringTable = {
  'sklearn.feature_extraction._dict_vectorizer.DictVectorizer': lowerDictVectorizer,
  'sklearn.feature_extraction._hash.FeatureHasher': lowerFeatureHasher,
  'sklearn.preprocessing._label.MultiLabelBinarizer': lowerMultiLabelBinarizer,
};

/** Classes that are given rows of items. */
export const itemClasses = Object.keys(featureExtractionTable);

function lowerDictVectorizer(vectorizer: Estimator): Tally {
  const strings = vectorizer.items('feature_names_');
  if (!strings.every((name) => typeof name === 'string'))
    return vectorizer.refuse('feature_names_', 'names that are no strings are not supported');
  return {
    ...tallyOf('record', readType(vectorizer)),
    separator: vectorizer.text('separator'),
    strings: checkTerms(vectorizer, 'feature_names_', strings),
    sparse: vectorizer.flag('sparse'),
  };
}

/** Its `input_type`, as we call what rows look like. */
const forms = { dict: 'record', pair: 'pairs', string: 'list' } as const;

function lowerFeatureHasher(hasher: Estimator): Tally {
  const columns = hasher.integer('n_features');
  const most = hasher.lowering.limits.features;
  if (columns < 1 || columns > most)
    hasher.refuse('n_features', `expected 1 to ${most}, found ${columns}`);
  const type = hasher.text('input_type');
  if (!Object.hasOwn(forms, type))
    hasher.refuse('input_type', `expected dict, pair or string, found ${quote(type)}`);
  return {
    ...tallyOf(forms[type as keyof typeof forms], readType(hasher)),
    hash: { columns, signed: hasher.flag('alternate_sign') },
  };
}

function lowerMultiLabelBinarizer(binarizer: Estimator): Tally {
  const array = binarizer.array('classes_');
  const labels = array.objects?.map(unwrapScalar) ??
    toStrings(array) ?? [...(toFloat64(array) ?? [])];
  const isText = labels.every((label) => typeof label === 'string');
  if (!isText && !labels.every((label) => typeof label === 'number' || typeof label === 'boolean'))
    return binarizer.refuse('classes_', 'expected labels that are all strings or all numbers');
  checkTerms(binarizer, 'classes_', labels);
  return {
    ...tallyOf('list', 'float64'),
    ...(isText ? { strings: labels } : { numbers: Float64Array.from(labels, Number) }),
    binary: true,
    sparse: binarizer.flag('sparse_output'),
  };
}

function checkTerms<T extends ArrayLike<unknown>>(estimator: Estimator, name: string, terms: T): T {
  const most = estimator.lowering.limits.features;
  return terms.length >= 1 && terms.length <= most
    ? terms
    : estimator.refuse(name, `expected 1 to ${most}, found ${terms.length}`);
}

/** The `dtype` of sums. */
function readType(estimator: Estimator): Tally['type'] {
  const name = dtypeName(estimator.get('dtype'));
  return (
    tallyTypes.find((type) => type === name) ??
    estimator.refuse('dtype', 'expected floats or signed integers of 32 or 64 bits')
  );
}

/** What most of them do. */
const tallyOf = (form: Tally['form'], type: Tally['type']): Tally => ({
  kind: 'tally',
  features: 1,
  form,
  type,
  separator: '=',
  strings: null,
  numbers: null,
  hash: null,
  binary: false,
  sparse: true,
});
