import type { CategorySets, Head, Node, RegressorLink, Union } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { classifierHead } from '../classifier-head.js';
import { toFloat64 } from './arrays.js';
import { assembleStages } from './boosted-trees.js';
import { columnTransformer, readColumns } from './compose.js';
import { type Estimator, isArray, lowerEach, sequenceItems } from './estimator.js';
import { assembleUnion, lowerUnionPart, namedParts } from './pipeline.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';
import { readNodes } from './tree.js';

const module = 'sklearn.ensemble._hist_gradient_boosting';

/** sklearn.ensemble: gradient boosting on histograms */
export const histGradientBoostingTable: LoweringTable = {
  [`${module}.gradient_boosting.HistGradientBoostingClassifier`]: lowerClassifier,
  [`${module}.gradient_boosting.HistGradientBoostingRegressor`]: lowerRegressor,
};

const links: { readonly [loss: string]: RegressorLink } = {
  squared_error: 'identity',
  least_squares: 'identity',
  absolute_error: 'identity',
  least_absolute_deviation: 'identity',
  quantile: 'identity',
  gamma: 'exp',
  poisson: 'exp',
};

function lowerRegressor(model: Estimator): Node {
  const loss = model.text('loss');
  if (!Object.hasOwn(links, loss)) model.refuse('loss', `unknown loss ${describePython(loss)}`);
  return lowerHistograms(model, 1, {
    task: 'regressor',
    targets: 1,
    flat: true,
    link: links[loss]!,
  });
}

/** All losses are the log-loss, under several names. Up to 1.4 classes were chosen by their probabilities. */
function lowerClassifier(model: Estimator): Node {
  const labels = model.labels(model.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  if (classes < 2) model.refuse('classes_', 'expected two classes or more');
  const two = classes === 2;
  const decide = !model.since(1, 5) ? 'probable' : two ? 'positive' : 'argmax';
  const head = classifierHead([labels], {
    decide,
    probability: two ? 'expit' : 'softmax',
    decisionFunction: true,
    // Scores lie in memory class by class.
    sums: two ? null : 'sequential',
    logProbability: 'none',
  });
  return lowerHistograms(model, two ? 1 : classes, head);
}

/** The baseline, and iteration by iteration a tree for each output, behind the encoder of categories where there is one. */
function lowerHistograms(model: Estimator, outputs: number, head: Head): Node {
  const encoder = lowerEncoder(model);
  const iterations = model
    .items('_predictors')
    .map(
      (item, i) =>
        sequenceItems(item) ??
        model.refuse(`_predictors[${i}]`, `expected a list, found ${describePython(item)}`),
    );
  const uneven = iterations.findIndex((trees) => trees.length !== outputs);
  if (iterations.length === 0 || uneven !== -1)
    model.refuse('_predictors', `expected ${outputs} trees an iteration`);
  const sets = new SetTable(model);
  const sources = lowerEach(iterations.flat(), (item, t) => {
    const place = `_predictors[${Math.floor(t / outputs)}][${t % outputs}]`;
    return readPredictor(model.part(item, place, [`${module}.predictor.TreePredictor`]), sets);
  });
  const trees = assembleStages(model, sources, {
    outputs,
    precision: 'float64',
    nonFinite: 'any',
    base: readBaseline(model, outputs),
    categories: sets.categories(),
    paths: null,
    pathsNonFinite: null,
    head,
  });
  return encoder === null ? trees : { kind: 'pipeline', steps: [encoder, trees] };
}

function readBaseline(model: Estimator, outputs: number): Float64Array {
  const value = model.array('_baseline_prediction');
  const numbers = value.dtype === '<f8' ? toFloat64(value) : null;
  return numbers?.length === outputs
    ? numbers
    : model.refuse('_baseline_prediction', `expected ${outputs} numbers of float64`);
}

function readPredictor(predictor: Estimator, sets: SetTable): SourceTree {
  const { count, field } = readNodes(predictor);
  const isLeaf = field('is_leaf');
  const child = (name: string) => field(name).map((node, i) => (isLeaf[i] === 0 ? node : -1));
  const feature = field('feature_idx');
  const categorical = field('is_categorical').map((is, i) => (isLeaf[i] === 0 ? is : 0));
  const threshold = field('num_threshold');
  if (categorical.includes(1)) {
    const bitset = field('bitset_idx');
    const left = predictor.numbers('raw_left_cat_bitsets', 2);
    for (let node = 0; node < count; node++)
      if (categorical[node] !== 0)
        threshold[node] = sets.add(predictor, left, bitset[node]!, feature[node]!);
  }
  return {
    left: child('left'),
    right: child('right'),
    feature,
    threshold,
    missingLeft: field('missing_go_to_left'),
    categorical,
    values: field('value'),
    covers: predictor.lowering.keepCovers ? field('count') : null,
    path: predictor.path,
  };
}

/** Words of a set of categories, which are bytes. */
const setWords = 8;

/** Collects the category sets of splits: those that go left, and of the other categories that training knew those that go right. */
class SetTable {
  readonly #model: Estimator;
  readonly #words: number[] = [];
  #known: (Uint32Array | null)[] | null = null;

  constructor(model: Estimator) {
    this.#model = model;
  }

  /** The index of the set of a split. */
  add(
    predictor: Estimator,
    { values, shape }: { readonly values: Float64Array; readonly shape: readonly number[] },
    bitset: number,
    feature: number,
  ): number {
    this.#known ??= readKnownCategories(this.#model);
    const known = this.#known[feature] ?? null;
    if (shape[1] !== setWords || !(bitset < shape[0]!) || known === null)
      return predictor.refuse('nodes', 'a split of categories that are not known');
    const left = Uint32Array.from(values.subarray(bitset * setWords, (bitset + 1) * setWords));
    this.#words.push(...left, ...left.map((word, i) => known[i]! & ~word));
    return this.#words.length / (2 * setWords) - 1;
  }

  categories(): CategorySets | null {
    const model = this.#model;
    const words = Uint32Array.from(this.#words);
    const count = words.length / (2 * setWords);
    if (count === 0) return null;
    return {
      starts: Uint32Array.from({ length: count + 1 }, (_, set) => set * 2 * setWords),
      words,
      unlisted: new Uint8Array(count).fill(2),
      // An encoder gives nothing but categories and NaN.
      reading: model.since(1, 4) ? null : model.since(1, 2) ? 'positive-byte' : 'byte',
    };
  }
}

/** The bits of each feature's categories; null for one of numbers. */
function readKnownCategories(model: Estimator): (Uint32Array | null)[] {
  const mapper = model.child('_bin_mapper', [`${module}.binning._BinMapper`]);
  const categorical = mapper.numbers('is_categorical_', 1).values;
  const categories = mapper.items('bin_thresholds_');
  if (categories.length !== categorical.length)
    mapper.refuse('bin_thresholds_', `expected ${categorical.length} arrays`);
  return categories.map((item, feature) => {
    if (categorical[feature] === 0) return null;
    const values = isArray(item) ? toFloat64(item) : null;
    if (values === null || !values.every((value) => value >= 0 && value < 256))
      return mapper.refuse(`bin_thresholds_[${feature}]`, 'expected categories from 0 to 255');
    const bits = new Uint32Array(setWords);
    for (const value of values) bits[value >> 5]! |= 1 << (value & 31);
    return bits;
  });
}

/** Since 1.4 an encoder gives categories numbers, and puts their columns first. */
function lowerEncoder(model: Estimator): Union<Node> | null {
  if (model.maybe('_preprocessor') === null) return null;
  const transformer = model.child('_preprocessor', [columnTransformer]);
  const columnsOf = readColumns(transformer);
  const parts = lowerEach(namedParts(transformer, 'transformers_'), ({ name, part }, i) => {
    const columns = columnsOf.get(name);
    if (name === 'remainder' || columns === undefined || columns.length === 0) return null;
    // The other part only checks its numbers.
    if (name === 'numerical') return { columns, node: null };
    const place = `transformers_[${i}]`;
    return lowerUnionPart(transformer, part, place, columns, model.lowering.given, undefined);
  });
  return assembleUnion(transformer, parts, false);
}
