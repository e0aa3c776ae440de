import { NuthatchError, type Problem, quote } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import { type JsonMap, malformed } from '../json/json.js';
import { statisticsOf } from './document.js';
import {
  float64Of,
  int8Of,
  int32Of,
  numbersOf,
  readRoot,
  type Table,
  tableOf,
  tablesOf,
  textOf,
  textsOf,
  vectorOf,
} from './flatbuffer.js';
import { readInfo } from './info.js';
import type { CatboostModel, CatboostTree, CategoricalFeature, FloatFeature } from './model.js';
import { growSteps, readStep } from './steps.js';
import { growSymmetric, leafCount } from './symmetric.js';

/** Fields of the tables that are read, by their place in CatBoost's schema. */
const core = { version: 0, trees: 1, info: 2 } as const;
const pair = { key: 0, value: 1 } as const;
const trees = {
  ...{ outputs: 0, splits: 1, sizes: 2, starts: 3, categoricals: 4, floats: 5, oneHot: 6, ctrs: 7 },
  ...{ leaves: 8, weights: 9, steps: 10, leafOf: 11, texts: 12, estimated: 13 },
  ...{ scale: 14, bias: 15, biases: 16, embeddings: 18 },
} as const;
const float = { hasNans: 0, index: 1, column: 2, borders: 3, name: 4, missing: 5 } as const;
const categorical = { index: 0, column: 1, name: 2 } as const;
const oneHot = { index: 0, hashes: 1, names: 2 } as const;
const ctr = { ctr: 0 } as const;
const modelCtr = { base: 0 } as const;
const ctrBase = { combination: 0 } as const;
const combination = { categoricals: 0 } as const;
/** The missing value counts as larger than every border. */
const asTrue = 2;

/** Spelt as CatBoost does. */
const formatVersion = 'FlabuffersModel_v1';
const mark = 'CBM1';

export const isCatboostBinary = (bytes: Uint8Array): boolean =>
  [...mark].every((letter, i) => bytes[i] === letter.charCodeAt(0));

/**
 * Reads the binary format: a mark, a length, and a FlatBuffer of so many bytes. What follows, tables of categories and texts, is not looked at: models that need
 * it are refused.
 *
 * @throws NuthatchError `malformed`, `truncated`, `unsupported`, `unsupported-version`
 */
export function readBinary(bytes: Uint8Array, limits: Limits): CatboostModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.byteLength < 8 ? Infinity : view.getUint32(4, true);
  if (length > view.byteLength - 8)
    throw new NuthatchError('truncated', 'byte 4', 'the model is longer than the file');
  const root = readRoot(new DataView(bytes.buffer, bytes.byteOffset + 8, length));
  const version = textOf(root, core.version);
  if (version !== formatVersion)
    throw new NuthatchError(
      'unsupported-version',
      'FormatVersion',
      `expected ${formatVersion}, found ${quote(version ?? '')}`,
    );
  const table = tableOf(root, core.trees);
  if (table === null) throw malformed('ModelTrees', 'absent');
  const outputs = int32Of(table, trees.outputs, 0);
  if (!(outputs >= 1 && outputs <= limits.classes))
    throw malformed('ApproxDimension', `expected 1 to ${limits.classes}, found ${outputs}`);
  return {
    info: readInfo(readPairs(root)),
    outputs,
    ...readFeatures(table, limits),
    trees: readTrees(table, outputs, limits),
    scale: float64Of(table, trees.scale, 1),
    bias: readBias(table, outputs),
  };
}

/** Texts by key, of which CatBoost has a handful. */
function readPairs(root: Table): JsonMap {
  const map: JsonMap = Object.create(null) as JsonMap;
  for (const one of tablesOf(root, core.info)) {
    const key = textOf(one, pair.key) ?? '';
    if (key in map) throw malformed('InfoMap', `the key ${quote(key)} appears twice`);
    map[key] = textOf(one, pair.value) ?? '';
  }
  return map;
}

function readBias(table: Table, outputs: number): number[] {
  const biases = numbersOf(table, trees.biases, 'float64');
  if (biases.length === 0) return new Array<number>(outputs).fill(float64Of(table, trees.bias, 0));
  if (biases.length !== outputs)
    throw malformed('MultiBias', `expected ${outputs} numbers, found ${biases.length}`);
  return biases;
}

function readFeatures(table: Table, limits: Limits) {
  const placeOf = (
    one: Table,
    { index, column, name }: { index: number; column: number; name: number },
    path: string,
  ) => {
    const place = {
      index: int32Of(one, index, -1),
      column: int32Of(one, column, -1),
      name: textOf(one, name) ?? '',
      path,
    };
    if (place.index < 0 || !(place.column >= 0 && place.column < limits.features))
      throw malformed(path, `feature ${place.index} in column ${place.column}`);
    return place;
  };
  const ofFloats = tablesOf(table, trees.floats);
  const ofCategories = tablesOf(table, trees.categoricals);
  const count = ofFloats.length + ofCategories.length;
  if (count > limits.features)
    throw new NuthatchError('limit-exceeded', 'ModelTrees', `${count} features`);
  const floats = ofFloats.map((one, i): FloatFeature => {
    const hasNans = int8Of(one, float.hasNans, 0) !== 0;
    return {
      ...placeOf(one, float, `FloatFeatures[${i}]`),
      borders: numbersOf(one, float.borders, 'float32'),
      missingAbove: hasNans && int8Of(one, float.missing, 0) === asTrue,
    };
  });
  const asked = readOneHot(table);
  const categoricals = ofCategories.map((one, i): CategoricalFeature => {
    const place = placeOf(one, categorical, `CatFeatures[${i}]`);
    const found = asked.get(place.index);
    asked.delete(place.index);
    return { ...place, hashes: found?.hashes ?? [], names: found?.names ?? [] };
  });
  for (const [index] of asked) throw malformed('OneHotFeatures', `there is no feature ${index}`);
  return { floats, categoricals, problems: readProblems(table, categoricals) };
}

/** What splits ask of categories, by feature. */
function readOneHot(table: Table) {
  const asked = new Map<number, Pick<CategoricalFeature, 'hashes' | 'names'>>();
  let last = -1;
  for (const one of tablesOf(table, trees.oneHot)) {
    const index = int32Of(one, oneHot.index, -1);
    // Splits are numbered in this order.
    if (index <= last) throw malformed('OneHotFeatures', 'features are not in order');
    last = index;
    const hashes = numbersOf(one, oneHot.hashes, 'int32');
    const names = textsOf(one, oneHot.names);
    asked.set(index, { hashes, names: hashes.map((_, i) => names[i] ?? null) });
  }
  return asked;
}

/** Features that are made of others, each by name. */
function readProblems(table: Table, categoricals: readonly CategoricalFeature[]): Problem[] {
  const problems = tablesOf(table, trees.ctrs).map((one, i): Problem => {
    const part = (of: Table | null, field: number) => (of === null ? null : tableOf(of, field));
    const parts = part(part(part(one, ctr.ctr), modelCtr.base), ctrBase.combination);
    const indices = parts === null ? [] : numbersOf(parts, combination.categoricals, 'int32');
    const names = indices.map((index) => {
      const found = categoricals.find((feature) => feature.index === index);
      return quote(found?.name || `feature ${found?.column}`);
    });
    return { path: `CtrFeatures[${i}]`, message: statisticsOf(names) };
  });
  const others = [
    ['TextFeatures', trees.texts, 'texts'],
    ['EmbeddingFeatures', trees.embeddings, 'embeddings'],
    ['EstimatedFeatures', trees.estimated, 'texts or embeddings'],
  ] as const;
  for (const [path, field, what] of others)
    for (const one of tablesOf(table, field)) {
      const name = field === trees.estimated ? '' : textOf(one, categorical.name);
      problems.push({
        path,
        message: `features made of ${what}${name ? ` (${quote(name)})` : ''} are not supported: make numbers of them before the training`,
      });
    }
  return problems;
}

function readTrees(table: Table, outputs: number, limits: Limits): CatboostTree[] {
  const splits = numbersOf(table, trees.splits, 'int32');
  const sizes = numbersOf(table, trees.sizes, 'int32');
  const given = numbersOf(table, trees.starts, 'int32');
  const leaves = Float64Array.from(numbersOf(table, trees.leaves, 'float64'));
  const weights = Float64Array.from(numbersOf(table, trees.weights, 'float64'));
  const steps = vectorOf(table, trees.steps, 4, readStep);
  const leafOf = numbersOf(table, trees.leafOf, 'uint32');
  const isSymmetric = steps.length === 0;
  if (!isSymmetric && (steps.length !== splits.length || leafOf.length !== splits.length))
    throw malformed('NonSymmetricStepNodes', `expected ${splits.length}`);
  // Before memory is taken: all nodes could be said to have the values of one leaf.
  const ends = steps.filter((step) => step.includes(0)).length;
  if (!isSymmetric && ends * outputs !== leaves.length)
    throw malformed('LeafValues', `expected ${ends * outputs}, found ${leaves.length}`);
  if (weights.length !== 0 && weights.length * outputs !== leaves.length)
    throw malformed('LeafWeights', `expected ${leaves.length / outputs}`);
  if (sizes.length > limits.trees)
    throw new NuthatchError('limit-exceeded', 'TreeSizes', `${sizes.length} trees`);
  if (given.length !== 0 && given.length !== sizes.length)
    throw malformed('TreeStartOffsets', `expected ${sizes.length}`);
  let start = 0;
  let leaf = 0;
  const read = sizes.map((size, t): CatboostTree => {
    const path = `trees[${t}]`;
    if (!(size >= 0 && size <= splits.length - start) || (given[t] ?? start) !== start)
      throw malformed(path, `${size} splits from ${given[t] ?? start} on, of ${splits.length}`);
    const from = start;
    start += size;
    if (!isSymmetric) {
      const nodes = { splits, steps, leafOf, leaves, weights, from, size };
      return growSteps(nodes, outputs, path);
    }
    const first = leaf;
    leaf += leafCount(size, path);
    return growSymmetric(
      splits.slice(from, start),
      leaves.subarray(first * outputs, leaf * outputs),
      weights.length === 0 ? null : weights.subarray(first, leaf),
      outputs,
      path,
    );
  });
  if (start !== splits.length || (isSymmetric && leaf * outputs !== leaves.length))
    throw malformed('TreeSplits', 'there are more splits or leaves than trees have');
  return read;
}
