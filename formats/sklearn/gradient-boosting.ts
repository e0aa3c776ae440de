import type { ClassifierHead, Head, RegressorHead, Trees } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { classifierHead } from '../classifier-head.js';
import { assembleStages } from './boosted-trees.js';
import { type Estimator, lowerEach } from './estimator.js';
import { readInitialProbabilities, readInitialValue } from './initial-scores.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';
import { missingPolicy, readTree, treeClasses } from './tree.js';

/** sklearn.ensemble: gradient boosting */
export const gradientBoostingTable: LoweringTable = {
  'sklearn.ensemble._gb.GradientBoostingClassifier': lowerClassifier,
  'sklearn.ensemble._gb.GradientBoostingRegressor': lowerRegressor,
};

const regressorHead: RegressorHead = {
  task: 'regressor',
  targets: 1,
  flat: true,
  link: 'identity',
};

/** Every loss is the same here: the raw scores are the predictions. */
function lowerRegressor(model: Estimator): Trees {
  return lowerStages(model, regressorHead, () => readInitialValue(model));
}

function lowerClassifier(model: Estimator): Trees {
  const loss = model.text('loss');
  // Up to 1.2 the loss had an older name, too.
  const exponential = loss === 'exponential';
  if (!exponential && loss !== 'log_loss' && !(loss === 'deviance' && !model.since(1, 3)))
    model.refuse('loss', `unknown loss ${describePython(loss)}`);
  const labels = model.labels(model.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  if (classes < 2 || (exponential && classes > 2))
    model.refuse('classes_', `the loss ${describePython(loss)} does not go with ${classes}`);
  const head = classifierHead([labels], {
    ...linkOf(model, classes, exponential),
    decisionFunction: true,
  });
  return lowerStages(model, head, () => readInitialProbabilities(model, classes, exponential));
}

/** Up to 1.3 the classes of log-loss were chosen by their probabilities, and those of several classes went through a logarithm. */
function linkOf(
  model: Estimator,
  classes: number,
  exponential: boolean,
): Pick<ClassifierHead, 'decide' | 'probability'> {
  if (exponential) return { decide: 'nonNegative', probability: 'expit-twice' };
  const older = !model.since(1, 4);
  if (classes === 2) return { decide: older ? 'probable' : 'nonNegative', probability: 'expit' };
  return older
    ? { decide: 'probable', probability: 'softmax-log' }
    : { decide: 'argmax', probability: 'softmax' };
}

/** The initial scores, and stage by stage a tree for each output, times the learning rate. */
function lowerStages(model: Estimator, head: Head, readBase: () => Float64Array): Trees {
  const [base, trees] = lowerEach<() => Float64Array | Estimator[], Float64Array | Estimator[]>(
    [readBase, () => model.children('estimators_', [treeClasses.DecisionTreeRegressor])],
    (read) => read(),
  ) as [Float64Array, Estimator[]];
  const outputs = base.length;
  if (trees.length === 0 || trees.length % outputs !== 0)
    model.refuse('estimators_', `expected ${outputs} trees a stage, found ${trees.length} trees`);
  const rate = model.number('learning_rate');
  const features = model.features();
  const sources = lowerEach(trees, (tree): SourceTree => {
    const source = readTree(tree, regressorHead, features);
    return { ...source, values: source.values.map((value) => rate * value) };
  });
  // `apply` asks the first tree what it takes, the other methods do not.
  const takes = missingPolicy(trees[0]!);
  return assembleStages(model, sources, {
    outputs,
    precision: 'float32',
    nonFinite: 'refuse',
    base,
    categories: null,
    paths: 'stages',
    pathsNonFinite: takes === 'nan' ? 'nan' : null,
    head,
  });
}
