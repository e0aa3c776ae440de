import { NuthatchError } from '../../src/errors.js';
import type { ClassifierHead, Head, Node } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { SetTable } from '../boosting/category-sets.js';
import { after } from '../boosting/classifiers.js';
import { withNames } from '../boosting/named-categories.js';
import { assembleBoosting, boosterHead } from '../boosting/trees.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { malformed } from '../json/json.js';
import { parseDocument } from '../json/parse.js';
import { readBinary } from './binary.js';
import { classify } from './classifier.js';
import { readEstimator } from './estimator.js';
import { readDocument } from './learner.js';
import { toMissing } from './missing.js';
import type { LinearBooster, TreeBooster, XgboostModel } from './model.js';
import { marginOf, type Objective, readObjective } from './objective.js';
import { toSource } from './trees.js';
import { readUbjson } from './ubjson.js';

/** Imports what `Booster.save_model` of XGBoost writes to a `.json`. */
export const importXgboostJson = (bytes: Uint8Array, options: ImportOptions): ImportedModel =>
  lowerFile(readDocument(parseDocument(bytes, 'python'), options.limits), options);

/** The same of a `.ubj`. */
export const importXgboostUbjson = (bytes: Uint8Array, options: ImportOptions): ImportedModel =>
  lowerFile(readDocument(readUbjson(bytes, options.limits), options.limits), options);

/** The same of the binary format, which versions up to 3.0 wrote. */
export const importXgboostBinary = (bytes: Uint8Array, options: ImportOptions): ImportedModel =>
  lowerFile(readBinary(bytes, options.limits), options);

/** How a booster is asked, if not by its own `predict`. */
export interface Use {
  /** Whether it comes from a pickle. */
  readonly isPickled: boolean;
  /** Whether rounds after the best one are left out, as estimators for scikit-learn do. */
  readonly stops: boolean;
  /** Trees for each output, as estimators up to 1.3 say themselves; 0 for all. */
  readonly treeLimit: number;
  /** Whether it may ask without making a matrix, which is where infinite numbers are refused. */
  readonly inPlace: boolean;
}

/** A file, as the estimator for scikit-learn predicts that wrote it, else as a booster does. */
function lowerFile(model: XgboostModel, options: ImportOptions): ImportedModel {
  const said = readEstimator(model.attributes);
  if (said === null) return lowerXgboost(model, options);
  const use = { isPickled: false, stops: true, treeLimit: 0, inPlace: said.inPlace };
  const imported = lowerXgboost(model, options, use);
  const { root, provenance } = imported;
  const steps = toMissing(model.features, said.missing);
  if (steps.length > 0 && imported.input.type !== 'matrix')
    throw new NuthatchError('unsupported', 'missing', 'a number, of columns of categories');
  const estimating = said.classes ? classify(root, said.classes) : root;
  return {
    ...imported,
    root: after(steps, estimating),
    provenance: { ...provenance, className: said.className },
  };
}

/** `use`: null where the booster itself is asked. */
export function lowerXgboost(
  model: XgboostModel,
  options: ImportOptions,
  use: Use | null = null,
): ImportedModel {
  const { version, features, outputs, names, booster } = model;
  checkVersion(version, options);
  const objective = readObjective(model.objective, isBefore(version, 3));
  const base = baseMargins(model, objective);
  const head = headOf(objective, model);
  if (names.length !== 0 && names.length !== features)
    throw malformed('learner.feature_names', `expected ${features} names, found ${names.length}`);
  const imported: ImportedModel = {
    root:
      booster.kind === 'trees'
        ? lowerTrees(booster, model, base, head, options, use)
        : lowerLinear(booster, features, outputs, base, head),
    input: { type: 'matrix', features, names: names.length === 0 ? null : names },
    golden: [],
    provenance: {
      library: 'XGBoost',
      libraryVersion: version?.join('.') ?? '(before 1.0)',
      className: 'Booster',
      time: null,
    },
  };
  const categories = booster.kind === 'trees' ? booster.categories : [];
  if (categories.length !== 0 && categories.length !== features)
    throw malformed(
      'cats',
      `expected categories of ${features} features, found ${categories.length}`,
    );
  // XGBoost says of most unknown names that they are one beside them.
  return withNames(imported, categories, false);
}

/** The newest version that this release was proved on. */
const [newestMajor, newestMinor] = [3, 2];

function checkVersion(version: XgboostModel['version'], { allowUnprovenVersion }: ImportOptions) {
  if (version === null || allowUnprovenVersion) return;
  const [major, minor] = version as [number, number];
  if (major < newestMajor || (major === newestMajor && minor <= newestMinor)) return;
  throw new NuthatchError(
    'unsupported-version',
    'version',
    `written by XGBoost ${version.join('.')}; this release was proved up to ${newestMajor}.${newestMinor}`,
  );
}

function baseMargins(
  { baseScore, baseIsMargin, outputs }: XgboostModel,
  { toMargin }: Objective,
): Float64Array {
  const { length } = baseScore;
  if (length !== 1 && length !== outputs)
    throw malformed('base_score', `expected 1 or ${outputs} numbers, found ${length}`);
  return Float64Array.from({ length: outputs }, (_, k) =>
    marginOf(baseScore[length === 1 ? 0 : k]!, baseIsMargin ? 'identity' : toMargin),
  );
}

/** What the booster's `predict` makes of margins: classes have numbers. */
function headOf({ link }: Objective, { outputs, objective }: XgboostModel): Head {
  if (link !== 'label' && link !== 'sign') return boosterHead(outputs, link);
  if (link === 'sign' ? outputs > 1 : outputs < 2)
    throw new NuthatchError('unsupported', 'objective', `${objective} of ${outputs} outputs`);
  const head: ClassifierHead = {
    task: 'classifier',
    labels: [
      { dtype: 'int64', values: Float64Array.from({ length: Math.max(outputs, 2) }, (_, k) => k) },
    ],
    decide: link === 'label' ? 'argmax' : 'positive',
    probability: null,
    decisionFunction: true,
    sums: null,
    scoreOffset: null,
    decisionOffset: null,
    logProbability: null,
  };
  return head;
}

function lowerTrees(
  booster: TreeBooster,
  { version, features, outputs, attributes }: XgboostModel,
  base: Float64Array,
  head: Head,
  options: ImportOptions,
  use: Use | null,
): Node {
  const { trees, treeOutputs, weights, treesOfRound } = booster;
  const used = use?.treeLimit
    ? Math.min(trees.length, use.treeLimit * (treeOutputs ? outputs : 1))
    : usedTrees(trees.length, treesOfRound, attributes, use?.stops ?? false);
  if (use?.isPickled && version === null && weights !== null)
    throw new NuthatchError(
      'unsupported',
      'learner.gradient_booster',
      'dart of a version before 1.0, which leaves out trees at random where it predicts',
    );
  // Since 1.4.
  const inPlace = (use?.inPlace ?? false) && !isBefore(version, 4);
  const sets = new SetTable('right', 'positive');
  const sources = trees.slice(0, used).map((tree, t) => {
    const weight = Math.fround(weights?.[t] ?? 1);
    // Trees of `dart` are asked one by one in place, each with the base, which is taken away again.
    const start = inPlace && weights !== null ? base[treeOutputs?.[t] ?? 0]! : 0;
    const change = (leaf: number) => Math.fround(Math.fround(start + leaf) - start) * weight;
    return toSource(tree, change, sets, options.limits.features);
  });
  // As trees of one leaf.
  const isLast = addsBaseLast(version, weights !== null, use?.isPickled ?? false);
  const last = treeOutputs && isLast ? Array.from(base) : [];
  return assembleBoosting(
    [...sources, ...last.map((margin) => leafOf(margin))],
    {
      features,
      outputs,
      precision: 'float32',
      nonFinite: inPlace ? 'any' : 'nan',
      base: last.length > 0 ? new Float64Array(outputs) : base,
      sums: 'float32',
      categories: sets.categories(),
      treeOutputs: treeOutputs && [...Array.from(treeOutputs).slice(0, used), ...last.keys()],
      divisor: null,
      head,
    },
    options,
  );
}

/**
 * Sums of float32 differ by where they start: up to 1.2 they were added to the base, and up to 1.3 those of `dart`; from then on they start
 * from it. Files that do not say their version are added up as all later versions add up such a file, and old ones did; pickles, which these cannot
 * load, as 0.90 did.
 */
const addsBaseLast = (
  version: XgboostModel['version'],
  isDart: boolean,
  isPickled: boolean,
): boolean => (version === null ? isPickled : isBefore(version, isDart ? 4 : 3));

/** Whether a version is older than 1.`minor`. */
function isBefore(version: XgboostModel['version'], minor: number): boolean {
  const [major, own] = version ?? [0, 0];
  return major! < 1 || (major === 1 && own! < minor);
}

const leafOf = (value: number): SourceTree => ({
  ...{ left: [-1], right: [-1], feature: [0], threshold: [0], missingLeft: null },
  ...{ categorical: null, values: Float64Array.of(value), covers: [0], path: 'base_score' },
});

/** How many trees predictions are made of: all, but the estimators for scikit-learn leave out what came after the best round. */
function usedTrees(
  count: number,
  treesOfRound: number,
  attributes: XgboostModel['attributes'],
  stops: boolean,
): number {
  const best = attributes.get('best_iteration');
  if (best === undefined || !stops) return count;
  if (!/^\d{1,9}$/.test(best))
    throw malformed('learner.attributes.best_iteration', 'expected an integer');
  return Math.min(count, (Number(best) + 1) * treesOfRound);
}

/** Products in float32. What is missing adds nothing. */
function lowerLinear(
  { weights }: LinearBooster,
  features: number,
  outputs: number,
  base: Float64Array,
  head: Head,
): Node {
  const coefficients = new Float32Array(features * outputs);
  for (let feature = 0; feature < features; feature++)
    for (let k = 0; k < outputs; k++)
      coefficients[k * features + feature] = weights[feature * outputs + k]!;
  const intercepts = Float32Array.from(
    { length: outputs },
    // The first base score serves all outputs: so does XGBoost 3.1, the first to have several.
    (_, k) => Math.fround(weights[features * outputs + k]!) + base[0]!,
  );
  return {
    kind: 'pipeline',
    steps: [
      {
        kind: 'elementwise',
        features,
        nonFinite: 'nan',
        type: 'float32',
        operations: [{ operation: 'fill', operands: new Float64Array(features), rounded: false }],
      },
      {
        kind: 'linear',
        features,
        outputs,
        nonFinite: 'refuse',
        coefficients,
        intercepts,
        deviation: null,
        head,
      },
    ],
  };
}
