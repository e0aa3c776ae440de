import { expect, test } from 'vitest';
import type { Json } from '../hostile/documents.js';
import { type Attributes, dict, estimator, gapsOf, named, pipeline, tuple } from './estimators.js';

/** Vectorizers that cannot be reproduced, refused by name. */
const count = (more: Attributes = {}): Json =>
  estimator('sklearn.feature_extraction.text.CountVectorizer', {
    input: 'content',
    preprocessor: null,
    tokenizer: null,
    analyzer: 'word',
    lowercase: true,
    strip_accents: null,
    token_pattern: '\\w+',
    stop_words: null,
    ngram_range: tuple(1, 1),
    binary: false,
    dtype: named('numpy.int64'),
    vocabulary_: dict({ a: 0, b: 1 }),
    ...more,
  });

const refused: Readonly<Record<string, [more: Attributes, place: string, message: string]>> = {
  'a tokenizer': [{ tokenizer: named('mine.split') }, 'tokenizer', 'mine.split'],
  'a preprocessor': [{ preprocessor: named('mine.clean') }, 'preprocessor', 'mine.clean'],
  'an analyzer': [{ analyzer: named('mine.terms') }, 'analyzer', 'mine.terms'],
  'a way to strip accents': [{ strip_accents: named('mine.strip') }, 'strip_accents', 'mine.strip'],
  'files instead of documents': [{ input: 'filename' }, 'input', '"filename"'],
  'another regular expression': [
    { token_pattern: '(?i)\\w+' },
    'token_pattern',
    'a group that begins with (?i)',
  ],
  'integers of 8 bits': [{ dtype: named('numpy.uint8') }, 'dtype', '32 or 64 bits'],
  'runs of no words': [{ ngram_range: tuple(0, 1) }, 'ngram_range', 'from 1'],
  'stop words that are numbers': [{ stop_words: [1] }, 'stop_words', 'expected strings'],
  'a column twice': [{ vocabulary_: dict({ a: 0, b: 0 }) }, 'vocabulary_', '0, 1, 2'],
  'a column too far': [{ vocabulary_: dict({ a: 0, b: 2 }) }, 'vocabulary_', '0, 1, 2'],
  'no terms': [{ vocabulary_: dict({}) }, 'vocabulary_', 'expected 1 to'],
};

test.each(Object.entries(refused))('%s', async (_, [more, place, message]) => {
  const gaps = await gapsOf(pipeline(count(more)));
  expect(gaps.map(({ path }) => path)).toEqual([`model.steps[0].${place}`]);
  expect(gaps[0]!.message).toContain(message);
});
