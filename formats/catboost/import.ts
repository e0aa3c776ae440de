import { NuthatchError, type Problem } from '../../src/errors.js';
import type { Head, Node, Trees } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { assembleBoosting, boosterHead } from '../boosting/trees.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { malformed } from '../json/json.js';
import { parseDocument } from '../json/parse.js';
import { readBinary } from './binary.js';
import { layOut, unnamedCategories } from './columns.js';
import { readDocument } from './document.js';
import type { CatboostModel, ModelInfo } from './model.js';
import { classOf, headOf, meanAndVarianceLoss } from './objective.js';
import { listSplits, toSource } from './splits.js';

/** Imports what `save_model` of CatBoost writes with `format="json"`. */
export const importCatboostJson = (bytes: Uint8Array, options: ImportOptions): ImportedModel =>
  lowerCatboost(readDocument(parseDocument(bytes, 'standard'), options.limits), options);

/** Imports what `save_model` of CatBoost writes without a format: a `.cbm`. With `ofScores` the model predicts raw scores, whatever its loss. */
export const importCatboostBinary = (
  bytes: Uint8Array,
  options: ImportOptions,
  ofScores = false,
): ImportedModel => lowerCatboost(readBinary(bytes, options.limits), options, ofScores);

/** Puts a model together, whichever format it was read from. */
function lowerCatboost(
  model: CatboostModel,
  options: ImportOptions,
  ofScores = false,
): ImportedModel {
  const { info, outputs } = model;
  const version = versionOf(info);
  checkVersion(version, options);
  const head = withoutGaps(model, () =>
    ofScores ? boosterHead(outputs, 'identity') : headOf(model),
  );
  const layout = layOut(model);
  const splits = listSplits(model, layout.floats, layout.marks);
  const sources = model.trees.map((tree) => toSource(tree, splits));
  const hasVariance = !ofScores && info.loss === meanAndVarianceLoss;
  const steps = lowerTrees(sources, model, layout.features, head, hasVariance, options);
  const all = layout.step === null ? steps : [layout.step, ...steps];
  return {
    root: all.length === 1 ? all[0]! : { kind: 'pipeline', steps: all },
    input: layout.input,
    golden: [],
    provenance: {
      library: 'CatBoost',
      libraryVersion: version?.join('.') ?? '(unknown)',
      className: classOf(head, info),
      time: timeOf(info),
    },
  };
}

/** The newest version that this release was proved on. */
const [newestMajor, newestMinor] = [1, 2];

/** Not all files say it: those of 1.2 do not, nor do sums of models. */
function versionOf({ version }: ModelInfo): number[] | null {
  const found = /\b(?:CatBoost release |Branch: tags\/v)(\d{1,4}(?:\.\d{1,4})+)/.exec(
    version ?? '',
  );
  return found && found[1]!.split('.').map(Number);
}

/** null where it is none. */
const timeOf = ({ time }: ModelInfo): string | null =>
  time !== null && /^\d{4}-\d\d-\d\dT[\d:.]{1,20}Z?$/.test(time) ? time : null;

function checkVersion(version: number[] | null, { allowUnprovenVersion }: ImportOptions): void {
  if (version === null || allowUnprovenVersion) return;
  const [major, minor] = version as [number, number];
  if (major < newestMajor || (major === newestMajor && minor <= newestMinor)) return;
  throw new NuthatchError(
    'unsupported-version',
    'model_info.catboost_version_info',
    `written by CatBoost ${version.join('.')}; this release was proved up to ${newestMajor}.${newestMinor}`,
  );
}

/** The head; throws all that the model has and is not supported. */
function withoutGaps(model: CatboostModel, makeHead: () => Head): Head {
  const problems: Problem[] = [...model.problems, ...unnamedCategories(model)];
  let head: Head | null = null;
  try {
    head = makeHead();
  } catch (error) {
    if (!(error instanceof NuthatchError && error.code === 'unsupported')) throw error;
    problems.push(...error.problems);
  }
  if (head !== null && problems.length === 0) return head;
  const { path, message } = problems[0]!;
  throw new NuthatchError('unsupported', path, message, problems);
}

function lowerTrees(
  sources: readonly SourceTree[],
  model: CatboostModel,
  features: number,
  head: Head,
  hasVariance: boolean,
  options: ImportOptions,
): Node[] {
  const { outputs, scale, bias } = model;
  if (!(Math.abs(scale) < Infinity && bias.every((one) => Math.abs(one) < Infinity)))
    throw malformed('scale_and_bias', 'expected finite numbers');
  const isScaled = scale !== 1;
  // Added last, as a tree of one leaf.
  const isAdded = !isScaled && bias.some((one) => one !== 0);
  const all = isAdded || sources.length === 0 ? [...sources, leafOf(bias)] : sources;
  const steps = [...(isScaled ? [scaled(model)] : []), ...(hasVariance ? [meanAndVariance] : [])];
  const trees: Trees = assembleBoosting(
    all,
    {
      features,
      outputs,
      precision: 'float32',
      nonFinite: 'any',
      // Sums start from 0: leaves of −0 add up to 0.
      base: new Float64Array(outputs),
      categories: null,
      treeOutputs: null,
      divisor: null,
      head: steps.length > 0 ? boosterHead(outputs, 'identity') : head,
    },
    options,
  );
  if (steps.length === 0) return [trees];
  return [
    { kind: 'answers', features, node: trees, method: 'raw', skip: 0 },
    ...steps,
    { kind: 'scores', features: outputs, head },
  ];
}

const scaled = ({ outputs, scale, bias }: CatboostModel): Node => ({
  kind: 'elementwise',
  features: outputs,
  nonFinite: 'any',
  type: 'float64',
  operations: [
    { operation: 'multiply', operands: new Float64Array(outputs).fill(scale), rounded: false },
    { operation: 'add', operands: Float64Array.from(bias), rounded: false },
  ],
});

/** The second of two scores is the logarithm of a standard deviation. */
const meanAndVariance: Node = {
  kind: 'union',
  features: 2,
  parts: [
    { columns: Uint32Array.of(0), node: null },
    {
      columns: Uint32Array.of(1),
      node: {
        kind: 'answers',
        features: 1,
        node: { kind: 'scores', features: 1, head: boosterHead(1, 'exp-table', 2) },
        method: 'predict',
        skip: 0,
      },
    },
  ],
  sparse: false,
};

const leafOf = (values: readonly number[]): SourceTree => ({
  ...{ left: [-1], right: [-1], feature: [0], threshold: [0], missingLeft: null },
  ...{ categorical: null, values: Float64Array.from(values), covers: [0] },
  path: 'scale_and_bias',
});
