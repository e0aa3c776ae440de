import { expect, test } from 'vitest';
import type { Json } from '../hostile/documents.js';
import { type Attributes, estimator, gapsOf, named, objects, pipeline } from './estimators.js';

/** What is given items and cannot be reproduced, refused by name. */
const dictVectorizer = (more: Attributes): Json =>
  estimator('sklearn.feature_extraction._dict_vectorizer.DictVectorizer', {
    dtype: named('numpy.float64'),
    separator: '=',
    sparse: true,
    sort: true,
    feature_names_: ['a', 'b'],
    ...more,
  });
const hasher = (more: Attributes): Json =>
  estimator('sklearn.feature_extraction._hash.FeatureHasher', {
    dtype: named('numpy.float64'),
    input_type: 'dict',
    n_features: 8,
    alternate_sign: true,
    ...more,
  });
const binarizer = (classes: readonly Json[]): Json =>
  estimator('sklearn.preprocessing._label.MultiLabelBinarizer', {
    classes: null,
    sparse_output: false,
    classes_: objects(classes),
  });

const refused: Readonly<Record<string, [model: Json, place: string, message: string]>> = {
  'names that are numbers': [
    dictVectorizer({ feature_names_: ['a', 1] }),
    'feature_names_',
    'no strings',
  ],
  'no names': [dictVectorizer({ feature_names_: [] }), 'feature_names_', 'expected 1 to'],
  'integers of 8 bits': [dictVectorizer({ dtype: named('numpy.int8') }), 'dtype', '32 or 64'],
  'a type of its own': [dictVectorizer({ dtype: named('mine.number') }), 'dtype', '32 or 64'],
  'another input': [hasher({ input_type: 'bytes' }), 'input_type', '"bytes"'],
  'no columns': [hasher({ n_features: 0 }), 'n_features', 'expected 1 to'],
  'more columns than there may be': [
    hasher({ n_features: 2 ** 21 }),
    'n_features',
    'expected 1 to',
  ],
  'labels of two kinds': [binarizer(['a', 1]), 'classes_', 'all strings or all numbers'],
  'labels that are tuples': [
    binarizer([{ $: 'tuple', items: ['a'] }]),
    'classes_',
    'all strings or all numbers',
  ],
};

test.each(Object.entries(refused))('%s', async (_, [model, place, message]) => {
  const gaps = await gapsOf(pipeline(model));
  expect(gaps.map(({ path }) => path)).toEqual([`model.steps[0].${place}`]);
  expect(gaps[0]!.message).toContain(message);
});
