import { NuthatchError, quote } from '../../src/errors.js';
import type { LeafModels, Node, Operation, RegressorHead, Trees } from '../../src/ir/index.js';
import { SetTable } from '../boosting/category-sets.js';
import { withNames } from '../boosting/named-categories.js';
import { boosterHead } from '../boosting/trees.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { list, own, text } from '../json/json.js';
import { parseDocument } from '../json/parse.js';
import { assembleLinear, assemblePlain } from './assemble.js';
import type { LightgbmFacts } from './facts.js';
import { integerOf as lengthOf, readJsonTree, treesOf } from './json.js';
import { readDumpedCategories, readNamedCategories } from './named-categories.js';
import { type Objective, readObjective } from './objective.js';
import { decodeText, integerOf, malformed, type Section, splitText, textOf } from './text.js';
import { isCategorical, type LightgbmTree, missingType, readTree } from './tree.js';

/** Imports what `Booster.save_model` and `model_to_string` of LightGBM write. */
export const importLightgbmText = (bytes: Uint8Array, options: ImportOptions): ImportedModel =>
  lowerLightgbmText(decodeText(bytes), options);

/** The same of text; `iterations`: how many of its iterations are asked, 0 for all. */
export function lowerLightgbmText(
  text: string,
  options: ImportOptions,
  iterations = 0,
): ImportedModel {
  const { header, trees, rest } = splitText(text);
  const facts = readHeader(header, options);
  const sets = new SetTable('left', null);
  const used = iterations > 0 ? trees.slice(0, iterations * facts.outputs) : trees;
  const read = used.map((tree) =>
    readTree(tree, facts.features, options.limits, sets, options.keepCovers),
  );
  const model = assembleLightgbm(read, sets, facts, options);
  return withNames(model, readNamedCategories(rest, facts.features), true);
}

/** Imports what `Booster.dump_model` of LightGBM gives, written as JSON. */
export function importLightgbmJson(bytes: Uint8Array, options: ImportOptions): ImportedModel {
  const { limits, keepCovers } = options;
  const map = parseDocument(bytes, 'python');
  const features = lengthOf(map, 'max_feature_idx', limits.features - 1, '') + 1;
  const names = list(map, 'feature_names', '');
  if (names.length !== features || !names.every((name) => typeof name === 'string'))
    throw malformed('feature_names', `expected ${features} names`);
  const objective = own(map, 'objective');
  const facts: LightgbmFacts = {
    version: text(map, 'version', ''),
    features,
    outputs: lengthOf(map, 'num_tree_per_iteration', limits.classes, ''),
    // Dumps of version 2 say nothing of it: what they hold is the scores.
    objective: readObjective(typeof objective === 'string' ? objective : null, 'objective'),
    averages: own(map, 'average_output') === true,
    names,
  };
  const sets = new SetTable('left', null);
  const trees = treesOf(map).map((tree, i) => {
    const read = readJsonTree(tree, facts, limits, sets, `tree_info[${i}]`);
    return keepCovers ? read : { ...read, counts: null };
  });
  const model = assembleLightgbm(trees, sets, facts, options);
  return withNames(model, readDumpedCategories(map, names as string[]), true);
}

function readHeader(header: Section, { limits }: ImportOptions): LightgbmFacts {
  const { values } = header;
  const features = integerOf(header, 'max_feature_idx', 0, limits.features - 1) + 1;
  const outputs = integerOf(header, 'num_tree_per_iteration', 1, limits.classes);
  const names = textOf(header, 'feature_names').split(' ');
  return {
    version: values.get('version') ?? '',
    features,
    outputs,
    objective: readObjective(values.get('objective') ?? null, 'header.objective'),
    averages: values.has('average_output'),
    names: names.length === features ? names : namesMissing(names.length, features),
  };
}

function namesMissing(found: number, features: number): never {
  throw malformed('header.feature_names', `expected ${features} names, found ${found}`);
}

/** Puts a model together, whichever format it was read from. */
export function assembleLightgbm(
  trees: readonly LightgbmTree[],
  sets: SetTable,
  facts: LightgbmFacts,
  options: ImportOptions,
): ImportedModel {
  const { features, outputs, averages, names } = facts;
  checkVersion(facts.version, options);
  if (trees.length === 0 || outputs === 0 || trees.length % outputs !== 0)
    throw malformed('header', `${trees.length} trees, ${outputs} for each iteration`);
  const voided = featuresWithoutZeros(trees);
  const { link, factor } = objectiveOf(trees, facts);
  const isLinear = trees.some(({ linear }) => linear !== null);
  const iterations = trees.length / outputs;
  const isStepped = link === 'log1p-exp';
  const head = boosterHead(outputs, isStepped ? 'identity' : link, factor);
  // What neither trees nor links do is made of steps behind the scores: the raw scores are then what comes of them.
  const operations: Operation[] = [
    ...(isLinear && averages ? [divideBy(iterations, outputs)] : []),
    ...(isStepped ? [{ operation: 'exp' } as const, { operation: 'log1p' } as const] : []),
  ];
  const assemble = isLinear ? assembleLinear : assemblePlain;
  const trunk = assemble(
    trees,
    {
      features,
      outputs,
      precision: 'float64',
      nonFinite: 'any',
      // Sums start from 0: leaves of −0 add up to 0.
      base: new Float64Array(outputs),
      categories: sets.categories(),
      treeOutputs: trees.map((_, tree) => tree % outputs),
      divisor: averages ? iterations : null,
      head: operations.length > 0 ? boosterHead(outputs, 'identity') : head,
    },
    voided,
    options,
  );
  const steps = operations.length > 0 ? changeScores(trunk, outputs, operations, head) : trunk;
  return {
    root: steps.length === 1 ? steps[0]! : { kind: 'pipeline', steps },
    input: { type: 'matrix', features, names: givenNames(names) },
    golden: [],
    provenance: {
      library: 'LightGBM',
      libraryVersion: `(model format ${facts.version})`,
      className: 'Booster',
      time: null,
    },
  };
}

const provenVersions = ['v2', 'v3', 'v4'];

function checkVersion(version: string, { allowUnprovenVersion }: ImportOptions): void {
  if (allowUnprovenVersion || provenVersions.includes(version)) return;
  throw new NuthatchError(
    'unsupported-version',
    'header.version',
    `a model of format ${quote(version)}; this release was proved on ${provenVersions.join(', ')}`,
  );
}

/** Features whose zeros are missing. */
function featuresWithoutZeros(trees: readonly LightgbmTree[]): Set<number> {
  const voided = new Set<number>();
  const others = new Set<number>();
  for (const { feature, decisions, path } of trees)
    for (let node = 0; node < decisions.length; node++) {
      const decision = decisions[node]!;
      const missing = missingType(decision);
      if (missing === undefined)
        throw malformed(`${path}.decision_type[${node}]`, `unknown bits ${decision}`);
      if (isCategorical(decision) || missing === 'NaN') others.add(feature[node]!);
      else if (missing === 'Zero') voided.add(feature[node]!);
    }
  for (const feature of voided)
    if (others.has(feature))
      throw new NuthatchError(
        'unsupported',
        `feature ${feature}`,
        'its zeros are missing in some splits alone',
      );
  return voided;
}

/**
 * Up to LightGBM 2.2.2 a random forest's leaves held what the objective makes of scores, and from 2.2.3 on scores; both are format v2. Probabilities
 * are told by being such; where scores are as likely, the file is refused.
 */
function objectiveOf(
  trees: readonly LightgbmTree[],
  { averages, version, objective }: LightgbmFacts,
): Objective {
  const { link } = objective;
  if (!averages || version !== 'v2' || link === 'identity') return objective;
  if (link !== 'expit' && link !== 'softmax')
    throw new NuthatchError(
      'unsupported',
      'header.average_output',
      'a random forest of format v2, which does not say what its leaves hold: load it in LightGBM 2.2.3 or newer, if that wrote it, and save it again',
    );
  // But for rounding.
  const isProbability = (leaf: number) => leaf > -1e-9 && leaf < 1 + 1e-9;
  const areProbabilities = trees.every(({ leaves }) => leaves.every(isProbability));
  return areProbabilities ? { link: 'identity', factor: 1 } : objective;
}

/** Steps whose last gives scores, and what is done to these. */
function changeScores(
  steps: readonly Node[],
  outputs: number,
  operations: readonly Operation[],
  head: RegressorHead,
): Node[] {
  const last = steps[steps.length - 1] as Trees | LeafModels<Node>;
  const { features } = last;
  return [
    ...steps.slice(0, -1),
    { kind: 'answers', features, node: last, method: 'raw', skip: 0 },
    { kind: 'elementwise', features: outputs, nonFinite: 'any', type: 'float64', operations },
    { kind: 'scores', features: outputs, head },
  ];
}

const divideBy = (divisor: number, outputs: number): Operation => ({
  operation: 'divide',
  operands: new Float64Array(outputs).fill(divisor),
  rounded: false,
});

/** null where LightGBM made the names up itself. */
const givenNames = (names: readonly string[] | null): readonly string[] | null =>
  names?.every((name, i) => name === `Column_${i}`) ? null : names;
