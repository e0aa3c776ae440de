import { quote } from '../../src/errors.js';
import {
  type Analyzer,
  analyzers,
  longestTerm,
  type Node,
  type Norm,
  norms,
  type TermHash,
  type Terms,
  type TokenPattern,
  type Vectorize,
} from '../../src/ir/index.js';
import { dtypeName, toFloat64 } from './arrays.js';
import { pythonCharacters } from './characters.js';
import { englishStopWords } from './english-stop-words.js';
import {
  attributesOf,
  type Estimator,
  isArray,
  isObject,
  sequenceItems,
  unwrapScalar,
} from './estimator.js';
import { arithmetic, elementwise } from './preprocessing.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';
import { packTerms } from './terms.js';
import { parseTokenPattern } from './token-pattern.js';

/** sklearn.feature_extraction.text */
export const textTable: LoweringTable = {
  'sklearn.feature_extraction.text.CountVectorizer': lowerCountVectorizer,
  'sklearn.feature_extraction.text.TfidfVectorizer': lowerTfidfVectorizer,
  'sklearn.feature_extraction.text.TfidfTransformer': lowerTfidfTransformer,
  'sklearn.feature_extraction.text.HashingVectorizer': lowerHashingVectorizer,
};

/** Classes that are given documents. */
export const vectorizers: readonly string[] = [
  'sklearn.feature_extraction.text.CountVectorizer',
  'sklearn.feature_extraction.text.TfidfVectorizer',
  'sklearn.feature_extraction.text.HashingVectorizer',
];

function lowerCountVectorizer(vectorizer: Estimator): Vectorize {
  return vectorizeOf(vectorizer, readVocabulary(vectorizer), null);
}

function lowerHashingVectorizer(vectorizer: Estimator): Node {
  const columns = vectorizer.integer('n_features');
  const most = vectorizer.lowering.limits.features;
  if (columns < 1 || columns > most)
    vectorizer.refuse('n_features', `expected 1 to ${most}, found ${columns}`);
  const hash = { columns, signed: vectorizer.flag('alternate_sign') };
  const node = vectorizeOf(vectorizer, null, hash);
  const norm = readNorm(vectorizer);
  return norm === null ? node : { kind: 'pipeline', steps: [node, rowNorm(columns, norm)] };
}

function lowerTfidfVectorizer(vectorizer: Estimator): Node {
  const counts = lowerCountVectorizer(vectorizer);
  const transformer = vectorizer.child('_tfidf', [
    'sklearn.feature_extraction.text.TfidfTransformer',
  ]);
  const columns = counts.vocabulary!.starts.length - 1;
  return { kind: 'pipeline', steps: [counts, ...weighting(transformer, columns)] };
}

function lowerTfidfTransformer(transformer: Estimator): Node {
  const columns = transformer.features();
  const steps = weighting(transformer, columns);
  // Dense rows become compressed ones; whether a model's own are, nothing says.
  const parts = [{ columns: null, node: null }];
  const compressed: Node = { kind: 'union', features: columns, parts, sparse: true };
  return { kind: 'pipeline', steps: [compressed, ...steps] };
}

/** What becomes of counts. */
function weighting(transformer: Estimator, features: number): Node[] {
  const norm = readNorm(transformer);
  const operations = [
    ...(transformer.flag('sublinear_tf') ? [{ operation: 'sublinear' } as const] : []),
    ...(transformer.flag('use_idf')
      ? [arithmetic('multiply', readFrequencies(transformer, features))]
      : []),
  ];
  const weights = elementwise(features, 'refuse', operations);
  return norm === null ? [weights] : [weights, rowNorm(features, norm)];
}

const rowNorm = (features: number, norm: Norm): Node => ({
  kind: 'row-norm',
  features,
  nonFinite: 'refuse',
  norm,
});

function readNorm(estimator: Estimator): Norm | null {
  const value = estimator.maybe('norm');
  if (value === null) return null;
  const found = norms.find((norm) => norm === value && norm !== 'max');
  return (
    found ?? estimator.refuse('norm', `expected l1, l2 or None, found ${describePython(value)}`)
  );
}

/** Inverse document frequencies, which up to 1.3 are the diagonal of a sparse matrix. */
function readFrequencies(transformer: Estimator, features: number): Float64Array {
  const attribute = transformer.has('idf_') ? 'idf_' : '_idf_diag';
  const value = transformer.get(attribute);
  const fail = (): never =>
    transformer.refuse(attribute, `expected ${features} numbers, found ${describePython(value)}`);
  const read = (array: PyValue): Float64Array =>
    (isArray(array) ? toFloat64(array) : null) ?? fail();
  let values: Float64Array;
  if (isObject(value)) {
    const state = attributesOf(value);
    values = read(state.get('data') ?? null);
    const onDiagonal = (name: string) =>
      read(state.get(name) ?? null).every((index, i) => index === i);
    if (!onDiagonal('indices') || !onDiagonal('indptr')) fail();
  } else values = read(value);
  return values.length === features ? values : fail();
}

function vectorizeOf(
  vectorizer: Estimator,
  vocabulary: Terms | null,
  hash: TermHash | null,
): Vectorize {
  const input = vectorizer.text('input');
  if (input !== 'content')
    vectorizer.refuse('input', `${quote(input)} is not supported: documents are given as strings`);
  for (const attribute of ['preprocessor', 'tokenizer']) {
    const custom = vectorizer.maybe(attribute);
    if (custom !== null)
      vectorizer.refuse(
        attribute,
        `a function of its own is not supported (${describePython(custom)})`,
      );
  }
  const analyzer = vectorizer.get('analyzer');
  if (!analyzers.some((name) => name === analyzer))
    return vectorizer.refuse(
      'analyzer',
      `a function of its own is not supported (${describePython(analyzer)})`,
    );
  const words = analyzer === 'word';
  const [smallest, largest] = readRange(vectorizer);
  return {
    kind: 'vectorize',
    features: 1,
    type: readType(vectorizer),
    analyzer: analyzer as Analyzer,
    lowercase: vectorizer.flag('lowercase'),
    accents: readAccents(vectorizer),
    characters: pythonCharacters(),
    pattern: words ? readPattern(vectorizer) : null,
    stopWords: words ? readStopWords(vectorizer) : null,
    smallest,
    largest,
    vocabulary,
    hash,
    binary: vectorizer.flag('binary'),
  };
}

function readType(vectorizer: Estimator): 'float64' | 'float32' {
  const name = dtypeName(vectorizer.get('dtype'));
  if (name === 'float32') return name;
  return name !== null && /32|64/.test(name)
    ? 'float64'
    : vectorizer.refuse('dtype', 'expected floats or integers of 32 or 64 bits');
}

function readAccents(vectorizer: Estimator): Vectorize['accents'] {
  const value = vectorizer.maybe('strip_accents');
  return value === null || value === 'ascii' || value === 'unicode'
    ? value
    : vectorizer.refuse(
        'strip_accents',
        `a function of its own is not supported (${describePython(value)})`,
      );
}

function readPattern(vectorizer: Estimator): TokenPattern {
  const pattern = vectorizer.text('token_pattern');
  return parseTokenPattern(pattern, (message) =>
    vectorizer.refuse('token_pattern', `${quote(pattern)} is not supported: ${message}`),
  );
}

function readStopWords(vectorizer: Estimator): Terms | null {
  const value = vectorizer.maybe('stop_words');
  if (value === null) return null;
  if (value === 'english') return packTerms(englishStopWords.split(' '));
  return packTerms(stringsOf(vectorizer, 'stop_words', value));
}

/** The strings of a list, tuple, set or array. */
function stringsOf(estimator: Estimator, attribute: string, value: PyValue): string[] {
  const isSet = value !== null && typeof value === 'object' && /set$/.test(value.type);
  const items = isSet ? (value as { items: PyValue[] }).items : sequenceItems(value);
  const strings = items?.map(unwrapScalar) ?? [];
  if (items === null || !strings.every((item) => typeof item === 'string'))
    return estimator.refuse(attribute, `expected strings, found ${describePython(value)}`);
  return strings as string[];
}

function readRange(vectorizer: Estimator): readonly [number, number] {
  const range = (sequenceItems(vectorizer.get('ngram_range')) ?? []).map(unwrapScalar);
  const [least, most] = range as [number, number];
  const whole = range.length === 2 && range.every(Number.isInteger);
  return whole && least >= 1 && least <= most && most <= longestTerm
    ? [least, most]
    : vectorizer.refuse('ngram_range', `expected two integers from 1 to ${longestTerm}`);
}

/** The terms of `vocabulary_` in the order of their columns. */
function readVocabulary(vectorizer: Estimator): Terms {
  const attribute = vectorizer.has('vocabulary_') ? 'vocabulary_' : 'vocabulary';
  const value = vectorizer.get(attribute);
  const fail = (): never =>
    vectorizer.refuse(attribute, 'expected a dict of terms and the columns 0, 1, 2, …');
  if (value === null || typeof value !== 'object' || value.type !== 'dict') return fail();
  const terms = new Array<string | undefined>(value.entries.length).fill(undefined);
  for (const [term, place] of value.entries) {
    const column = unwrapScalar(place);
    if (typeof term !== 'string' || typeof column !== 'number') return fail();
    if (!Number.isInteger(column) || column < 0 || column >= terms.length) return fail();
    if (terms[column] !== undefined) return fail();
    terms[column] = term;
  }
  const most = vectorizer.lowering.limits.features;
  if (terms.length < 1 || terms.length > most)
    vectorizer.refuse(attribute, `expected 1 to ${most} terms, found ${terms.length}`);
  return packTerms(terms as string[]);
}
