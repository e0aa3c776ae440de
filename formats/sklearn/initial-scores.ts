import { exp } from '../../src/math/exp.js';
import { log } from '../../src/math/log.js';
import { log1p } from '../../src/math/near-one.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray } from './estimator.js';
import { describePython } from './python.js';

const dummyClasses = {
  classifier: 'sklearn.dummy.DummyClassifier',
  regressor: 'sklearn.dummy.DummyRegressor',
} as const;

/** The estimator of the initial scores; null for "zero". */
function initialEstimator(model: Estimator, className: string): Estimator | null {
  if (model.get('init_') === 'zero') return null;
  return model.child('init_', [className]);
}

/** What a boosted regressor starts from. [1] */
export function readInitialValue(model: Estimator): Float64Array {
  const dummy = initialEstimator(model, dummyClasses.regressor);
  if (dummy === null) return Float64Array.of(0);
  const value = dummy.array('constant_');
  const numbers = toFloat64(value);
  return numbers?.length === 1 && Number.isFinite(numbers[0])
    ? numbers
    : dummy.refuse('constant_', `expected one number, found ${describePython(value)}`);
}

/** What a boosted classifier starts from: the initial probabilities through its loss's link. [1] for two classes, else [classes]. */
export function readInitialProbabilities(
  model: Estimator,
  classes: number,
  exponential: boolean,
): Float64Array {
  const outputs = classes === 2 ? 1 : classes;
  if (!model.since(0, 21)) return readPriorScores(model, outputs);
  const dummy = initialEstimator(model, dummyClasses.classifier);
  if (dummy === null) return new Float64Array(outputs);
  const margin = model.since(1, 8) ? 2 ** -52 : 2 ** -23;
  const probabilities = probabilitiesOf(dummy, classes).map((p) =>
    Math.min(Math.max(p, margin), 1 - margin),
  );
  if (classes > 2) return multinomialScores(probabilities, model.since(1, 4));
  const score = (model.since(1, 4) ? logit : logOfOdds)(probabilities[1]!);
  return Float64Array.of(exponential ? 0.5 * score : score);
}

/** Up to 0.20 an estimator of its own had the scores: log-odds, or probabilities as they are. */
function readPriorScores(model: Estimator, outputs: number): Float64Array {
  const [name, attribute] =
    outputs === 1 ? ['LogOddsEstimator', 'prior'] : ['PriorProbabilityEstimator', 'priors'];
  const prior = model.child('init_', [`sklearn.ensemble._gb.${name}`]);
  const scores = toFloat64(prior.array(attribute!));
  return scores?.length === outputs && scores.every(Number.isFinite)
    ? scores
    : prior.refuse(attribute!, `expected ${outputs} numbers`);
}

/** A dummy's `predict_proba`, the same for every row. */
function probabilitiesOf(dummy: Estimator, classes: number): Float64Array {
  const strategy = dummy.text('strategy');
  const one = (of: number) => Float64Array.from({ length: classes }, (_, i) => Number(i === of));
  switch (strategy) {
    case 'prior':
      return readPrior(dummy, classes);
    case 'most_frequent': {
      const prior = readPrior(dummy, classes);
      return one(prior.indexOf(prior.reduce((a, b) => Math.max(a, b))));
    }
    case 'uniform':
      return new Float64Array(classes).fill(1 / classes);
    case 'constant':
      // It was fitted on the positions of the classes.
      return one(dummy.integer('constant'));
    default:
      return dummy.refuse('strategy', `the strategy ${describePython(strategy)} is not supported`);
  }
}

function readPrior(dummy: Estimator, classes: number): Float64Array {
  const value = dummy.get('class_prior_');
  const prior = isArray(value) ? toFloat64(value) : null;
  return prior?.length === classes && prior.every((p) => p >= 0 && p <= 1)
    ? prior
    : dummy.refuse(
        'class_prior_',
        `expected ${classes} probabilities, found ${describePython(value)}`,
      );
}

/** Logarithms of probabilities; since 1.4 of their ratios to their geometric mean. */
function multinomialScores(probabilities: Float64Array, centred: boolean): Float64Array {
  if (!centred) return probabilities.map(log);
  const { length } = probabilities;
  const mean = exp(pairwiseSum(probabilities.map(log), 0, length) / length);
  return probabilities.map((p) => log(p / mean));
}

const logOfOdds = (p: number): number => log(p / (1 - p));

/** As SciPy's: close to a half by other means, since the ratio loses digits there. */
function logit(p: number): number {
  if (p < 0.3 || p > 0.65) return logOfOdds(p);
  const s = 2 * (p - 0.5);
  return log1p(s) - log1p(-s);
}
