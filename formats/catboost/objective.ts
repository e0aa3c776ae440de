import { NuthatchError, quote } from '../../src/errors.js';
import type { ClassifierHead, Head, Labels, RegressorLink } from '../../src/ir/index.js';
import { log } from '../../src/math/log.js';
import { boosterHead } from '../boosting/trees.js';
import { type Json, list, malformed, own, text } from '../json/json.js';
import type { CatboostModel, ModelInfo } from './model.js';

/** Predicts a mean, the first of two scores, and a variance, e to the power of twice the second. */
export const meanAndVarianceLoss = 'RMSEWithUncertainty';

/** What becomes of raw scores: numbers by a link, or classes. */
type Task = RegressorLink | 'two-classes' | 'classes' | 'one-vs-all' | 'labels';

/** By the name of the loss. */
const tasks: ReadonlyMap<string, Task> = new Map(
  (
    [
      [
        'identity',
        [
          ...['RMSE', 'MAE', 'Quantile', 'LogLinQuantile', 'MAPE', 'RMSPE', 'Lq', 'Huber'],
          ...['Expectile', 'LogCosh', 'Cox', 'SurvivalAft', 'GroupQuantile', 'MultiQuantile'],
          ...['MultiRMSE', 'MultiRMSEWithMissingValues', 'QueryRMSE', 'QuerySoftMax'],
          ...['QueryCrossEntropy', 'PairLogit', 'PairLogitPairwise', 'YetiRank'],
          meanAndVarianceLoss,
          ...['YetiRankPairwise', 'StochasticFilter', 'StochasticRank', 'LambdaMart'],
        ],
      ],
      // CatBoost's own regressors predict these by themselves.
      ['exp-table', ['Poisson', 'Tweedie']],
      ['two-classes', ['Logloss', 'CrossEntropy', 'Focal']],
      ['classes', ['MultiClass']],
      ['one-vs-all', ['MultiClassOneVsAll']],
      ['labels', ['MultiLogloss', 'MultiCrossEntropy']],
    ] as const satisfies readonly (readonly [Task, readonly string[]])[]
  ).flatMap(([task, names]) => names.map((name) => [name, task] as const)),
);

/** What CatBoostClassifier, CatBoostRegressor or CatBoostRanker make of raw scores. */
export function headOf({ info, outputs }: CatboostModel): Head {
  const refuse = (message: string): never => {
    throw new NuthatchError('unsupported', 'model_info.params.loss_function', message);
  };
  const task = taskOf(info, refuse);
  const isWide = task === 'classes' || task === 'one-vs-all';
  const fits =
    info.loss === meanAndVarianceLoss
      ? outputs === 2
      : isWide
        ? outputs > 1
        : task !== 'two-classes' || outputs === 1;
  if (!fits) refuse(`${info.loss} of ${outputs} outputs`);
  switch (task) {
    case 'two-classes':
      return {
        ...classifierHead([labelsOf(info, 2)], 'positive', 'expit'),
        ...(info.threshold !== null && { threshold: thresholdOf(info.threshold) }),
      };
    case 'classes':
      return classifierHead([labelsOf(info, outputs)], 'argmax', 'softmax-table');
    case 'one-vs-all':
      return classifierHead([labelsOf(info, outputs)], 'argmax', 'expit-each');
    case 'labels': {
      // What the file calls classes are the outputs.
      const labels: Labels = { dtype: 'int64', values: Float64Array.of(0, 1) };
      const all = Array.from({ length: outputs }, () => labels);
      return { ...classifierHead(all, 'positive', 'expit'), seconds: true };
    }
    default:
      return boosterHead(outputs, task);
  }
}

/** The class of CatBoost's that a model is of, as far as its loss says. */
export const classOf = ({ task }: Head, { loss }: ModelInfo): string =>
  task === 'classifier'
    ? 'CatBoostClassifier'
    : /^(Query|Pair|Yeti|Stochastic|Lambda)/.test(loss ?? '')
      ? 'CatBoostRanker'
      : 'CatBoostRegressor';

function taskOf({ loss, classes }: ModelInfo, refuse: (message: string) => never): Task {
  const task = loss === null ? undefined : tasks.get(loss);
  if (task !== undefined) return task;
  // An objective of the user's own, or a file that does not say: raw scores, if there are no classes.
  if ((loss === null || loss.startsWith('PythonUserDefined')) && classes === null)
    return 'identity';
  return refuse(
    loss === null
      ? 'the file does not say what was minimized'
      : `the loss ${quote(loss)} is not supported`,
  );
}

const classifierHead = (
  labels: readonly Labels[],
  decide: ClassifierHead['decide'],
  probability: ClassifierHead['probability'],
): ClassifierHead => ({
  task: 'classifier',
  labels,
  decide,
  probability,
  decisionFunction: false,
  sums: null,
  scoreOffset: null,
  decisionOffset: null,
  logProbability: 'none',
});

/** The second class is chosen where the score is above that of a probability: not below the next number. */
function thresholdOf(text: string): NonNullable<ClassifierHead['threshold']> {
  const probability = Number(text || Number.NaN);
  if (!(probability > 0 && probability < 1))
    throw malformed('model_info.binclass_probability_threshold', 'expected a number from 0 to 1');
  const value = Float64Array.of(nextAbove(-log(1 / probability - 1)));
  return { of: 'decision_function', positive: 1, value };
}

function nextAbove(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(1);
  const floats = new Float64Array(bits.buffer);
  floats[0] = value;
  bits[0]! += value > 0 ? 1n : -1n;
  return floats[0]!;
}

/** The classes, of which there have to be so many. */
function labelsOf({ classes }: ModelInfo, count: number): Labels {
  const path = 'model_info.class_params';
  const numbers = (values: readonly number[]) => Float64Array.from(values);
  const positions = Array.from({ length: count }, (_, i) => i);
  if (classes === null) return { dtype: 'int64', values: numbers(positions) };
  const internal = own(classes, 'class_to_label');
  const known = own(classes, 'classes_count');
  const names = list(classes, 'class_names', path);
  const total = names.length || (typeof known === 'number' ? known : 0) || count;
  if (total !== count)
    throw new NuthatchError(
      'unsupported',
      path,
      `${total} classes, of which ${count} were in the training`,
    );
  const inOrder = Array.isArray(internal) && internal.every((label, i) => label === i);
  if (!inOrder || internal.length !== count)
    throw new NuthatchError(
      'unsupported',
      `${path}.class_to_label`,
      `expected the numbers from 0 to ${count - 1}`,
    );
  const type = text(classes, 'class_label_type', path);
  const given: readonly Json[] = names.length > 0 ? names : positions;
  const are = (kind: string) => given.every((one) => typeof one === kind);
  if (type === 'String' && are('string')) return { dtype: 'object', values: given as string[] };
  if (type === 'Boolean' && are('boolean'))
    return { dtype: 'bool', values: Uint8Array.from(given, Number) };
  if ((type === 'Integer' || type === 'Float') && are('number'))
    return { dtype: type === 'Float' ? 'float64' : 'int64', values: numbers(given as number[]) };
  throw malformed(path, `names of classes are not of the type ${quote(type)}`);
}
