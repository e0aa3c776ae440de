import { NuthatchError, printable, quote } from '../../src/errors.js';
import type { InputSpec, Node, Provenance } from '../../src/ir/index.js';
import { baggingTable } from './bagging.js';
import { calibrationTable } from './calibration.js';
import { clusterTable } from './cluster.js';
import { composeTable } from './compose.js';
import { covarianceTable } from './covariance.js';
import { crossDecompositionTable } from './cross-decomposition.js';
import { decompositionTable } from './decomposition.js';
import { dictionaryLearningTable } from './dictionary-learning.js';
import { discriminantAnalysisTable } from './discriminant-analysis.js';
import { distributionTable } from './distribution.js';
import { dummyTable } from './dummy.js';
import { encoderTable } from './encoders.js';
import {
  attributesOf,
  Estimator,
  Gap,
  isObject,
  type Lowering,
  type SklearnVersion,
} from './estimator.js';
import { factorizationTable } from './factorization.js';
import { featureAgglomerationTable } from './feature-agglomeration.js';
import { featureExtractionTable } from './feature-extraction.js';
import { featureSelectionTable } from './feature-selection.js';
import { foreignTable, isForeign } from './foreign.js';
import { forestTable } from './forest.js';
import { gaussianProcessTable } from './gaussian-process.js';
import { gradientBoostingTable } from './gradient-boosting.js';
import { histGradientBoostingTable } from './hist-gradient-boosting.js';
import { imputeTable } from './impute.js';
import { fittedColumns, inputOf } from './input.js';
import { isolationForestTable } from './isolation-forest.js';
import { isotonicTable } from './isotonic.js';
import { iterativeImputerTable } from './iterative-imputer.js';
import { kernelDensityTable } from './kernel-density.js';
import { kernelMethodTable } from './kernel-methods.js';
import { kernelSamplerTable } from './kernel-samplers.js';
import { knnImputerTable } from './knn-imputer.js';
import { linearModelTable } from './linear-model.js';
import { mixtureTable } from './mixture.js';
import { multiclassTable } from './multiclass.js';
import { multioutputTable } from './multioutput.js';
import { naiveBayesTable } from './naive-bayes.js';
import { neighborsTable } from './neighbors.js';
import { neuralNetworkTable } from './neural-network.js';
import { pipelineTable } from './pipeline.js';
import { preprocessingTable } from './preprocessing.js';
import { describePython, type PyObject, type PyValue } from './python.js';
import { quadraticDiscriminantTable } from './quadratic-discriminant.js';
import { randomProjectionTable } from './random-projection.js';
import { selectFromModelTable } from './select-from-model.js';
import { labelSpreadingTable } from './semi-supervised.js';
import { splineTable } from './spline.js';
import { stackingTable } from './stacking.js';
import { svmTable } from './svm.js';
import type { LoweringTable } from './table.js';
import { targetTable } from './target.js';
import { textTable } from './text.js';
import { thresholdTable } from './threshold.js';
import { treeTable } from './tree.js';
import { votingTable } from './voting.js';
import { weightBoostingTable } from './weight-boosting.js';
import { wrapperTable } from './wrappers.js';

/** One line for each scikit-learn module, and one for those of other libraries. */
const modules: readonly LoweringTable[] = [
  treeTable,
  forestTable,
  gradientBoostingTable,
  histGradientBoostingTable,
  isolationForestTable,
  baggingTable,
  weightBoostingTable,
  votingTable,
  stackingTable,
  linearModelTable,
  naiveBayesTable,
  mixtureTable,
  quadraticDiscriminantTable,
  covarianceTable,
  svmTable,
  decompositionTable,
  dictionaryLearningTable,
  factorizationTable,
  neuralNetworkTable,
  crossDecompositionTable,
  discriminantAnalysisTable,
  randomProjectionTable,
  featureAgglomerationTable,
  kernelMethodTable,
  kernelSamplerTable,
  gaussianProcessTable,
  preprocessingTable,
  distributionTable,
  splineTable,
  iterativeImputerTable,
  kernelDensityTable,
  knnImputerTable,
  encoderTable,
  imputeTable,
  featureSelectionTable,
  selectFromModelTable,
  multioutputTable,
  targetTable,
  pipelineTable,
  composeTable,
  textTable,
  wrapperTable,
  dummyTable,
  isotonicTable,
  calibrationTable,
  featureExtractionTable,
  neighborsTable,
  multiclassTable,
  thresholdTable,
  clusterTable,
  labelSpreadingTable,
  foreignTable,
];
const table = new Map(modules.flatMap((module) => Object.entries(module)));
const ownClasses = table.size - Object.keys(foreignTable).length;

/** Oldest and newest minor version of scikit-learn 1 on which the lowering was proved. */
export const provenMinors = { first: 1, last: 9 } as const;
const newestProven = `1.${provenMinors.last}`;

export interface LoweredEstimator {
  readonly root: Node;
  readonly input: InputSpec;
  readonly provenance: Pick<Provenance, 'library' | 'libraryVersion' | 'className'>;
}

export interface LoweringOptions
  extends Pick<Lowering, 'limits' | 'keepCovers' | 'allowUnprovenVersion' | 'onProgress'> {
  /** How many columns rows of the source have: some models do not say it. */
  readonly columns?: number | null;
  /** Columns that rows of the source hold strings in, by name, or position: a model does not say it of columns it hands on. */
  readonly stringColumns?: ReadonlySet<string | number>;
  /** Whether the source's rows are compressed: scikit-learn scales those by other operations, which round otherwise. */
  readonly sparseRows?: boolean;
}

/**
 * Turns a fitted scikit-learn estimator, as any reader of Python objects yields it, into IR.
 *
 * @throws NuthatchError `unsupported`, listing every gap; `unsupported-version`; `invalid-model`
 */
export function lowerModel(
  value: PyValue,
  fallbackVersion: string | null,
  options: LoweringOptions,
): LoweredEstimator {
  if (!isObject(value)) {
    throw new NuthatchError(
      'unsupported',
      'model',
      `expected a scikit-learn estimator, found ${describePython(value)}`,
    );
  }
  // What is of another library says no version: its name is the better reason.
  if (fallbackVersion === null && !table.has(value.className))
    throw new NuthatchError('unsupported', 'model', notSupported(value.className));
  const { limits, keepCovers, allowUnprovenVersion, onProgress } = options;
  const foreign = isForeign(value.className);
  // Other libraries' estimators say no version of scikit-learn, and need none.
  const version = versionOf(
    value,
    fallbackVersion ?? (foreign ? newestProven : null),
    allowUnprovenVersion,
  );
  const lowering: Lowering = {
    version,
    limits,
    keepCovers,
    allowUnprovenVersion,
    onProgress,
    gaps: [],
    given: { columns: null, sparse: false, small: false },
    booleans: new Map(),
    owners: [],
    made: { count: 0 },
    foreign: new Map(),
    lower: lowerEstimator,
  };
  try {
    const fitted = fittedColumns(new Estimator(value, 'model', lowering));
    const seen = options.columns ?? null;
    const columns = fitted ?? (seen !== null && seen <= options.limits.features ? seen : null);
    const given = { columns, sparse: options.sparseRows ?? false, small: false };
    const estimator = new Estimator(value, 'model', { ...lowering, given });
    const root = lowerEstimator(estimator);
    const own = lowering.foreign.get(value)?.provenance;
    return {
      ...inputOf(estimator, root, options.stringColumns ?? new Set()),
      provenance: {
        library: own?.library ?? 'scikit-learn',
        libraryVersion: own?.libraryVersion ?? version.text,
        className: estimator.name,
      },
    };
  } catch (error) {
    if (!(error instanceof Gap)) throw error;
    throw refusal(lowering);
  }
}

function lowerEstimator(estimator: Estimator): Node {
  const lower = table.get(estimator.object.className);
  if (lower !== undefined) return lower(estimator);
  return estimator.refuse('', notSupported(estimator.object.className));
}

const notSupported = (className: string): string =>
  `${quote(className)} is not supported; docs/coverage.md lists the ${ownClasses} classes of scikit-learn that are`;

/** Gaps in the message; `problems` has all. */
const listedGaps = 50;

function refusal({ gaps }: Lowering): NuthatchError {
  const [first, ...others] = gaps;
  const more = others
    .slice(0, listedGaps - 1)
    .map((gap) => `${printable(gap.path)}: ${gap.message}`);
  if (gaps.length > listedGaps) more.push(`and ${gaps.length - listedGaps} more`);
  const message = [first!.message, ...more].join('\n');
  return new NuthatchError('unsupported', first!.path, message, gaps);
}

/** The version that fitted the estimator: its own word, else its file's. */
function versionOf(
  value: PyObject,
  fallback: string | null,
  allowUnproven: boolean,
): SklearnVersion {
  const stated = attributesOf(value).get('_sklearn_version');
  const text = typeof stated === 'string' ? stated : fallback;
  const match = text === null ? null : /^(\d+)\.(\d+)/.exec(text);
  if (text === null || match === null) {
    throw new NuthatchError(
      'unsupported-version',
      'model',
      'the file does not say which scikit-learn fitted the model',
    );
  }
  const version = { text, major: Number(match[1]), minor: Number(match[2]) };
  const proven =
    version.major === 1 &&
    version.minor >= provenMinors.first &&
    version.minor <= provenMinors.last;
  if (!proven && !allowUnproven) {
    throw new NuthatchError(
      'unsupported-version',
      'model',
      `fitted by scikit-learn ${quote(text)}; this release is proved on 1.${provenMinors.first} to 1.${provenMinors.last}. ` +
        'Allow unproven versions to try it, and compare with golden rows.',
    );
  }
  return version;
}
