import type {
  AnswerMethod,
  Arithmetic,
  ClassifierHead,
  EnsemblePart,
  Labels,
  Node,
  ProbabilityLink,
} from '../../src/ir/index.js';
import { answerColumns, headOf, labelCount } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { type Estimator, lowerEach, unwrapScalar } from './estimator.js';
import { cast, interpolateEach, isotonicRegression } from './isotonic.js';
import { lowerMember, positions } from './members.js';
import { elementwise } from './preprocessing.js';
import type { LoweringTable } from './table.js';

const module = 'sklearn.calibration';

/** sklearn.calibration */
export const calibrationTable: LoweringTable = {
  [`${module}.CalibratedClassifierCV`]: lowerCalibrated,
};

/** The mean of what pairs of a classifier and its calibrators say. */
function lowerCalibrated(calibrated: Estimator): Node {
  const labels = calibrated.labels(calibrated.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const pairs = calibrated.children('calibrated_classifiers_', [`${module}._CalibratedClassifier`]);
  if (pairs.length === 0) calibrated.refuse('calibrated_classifiers_', 'expected at least one');
  const order = Uint8Array.from({ length: classes }, (_, i) => i);
  if (classes < 2 || classes > 256)
    calibrated.refuse('classes_', `expected 2 to 256, found ${classes}`);
  const parts = lowerEach(
    pairs,
    (pair): EnsemblePart<Node> => ({
      columns: null,
      node: lowerPair(pair, labels),
      classes: order,
    }),
  );
  return {
    kind: 'ensemble',
    features: calibrated.lowering.given.columns ?? calibrated.features(),
    outputs: classes,
    parts,
    combine: 'mean',
    weights: null,
    misses: null,
    divisor: Float64Array.of(parts.length),
    folded: false,
    precision: 'float64',
    decisions: null,
    transforms: false,
    head: headFor(labels, 'identity', null),
  };
}

const headFor = (
  labels: Labels,
  probability: ProbabilityLink,
  sums: ClassifierHead['sums'],
): ClassifierHead =>
  classifierHead([labels], {
    decide: probability === 'complement' || probability === 'expit-pair' ? 'positive' : 'argmax',
    probability,
    sums,
    logProbability: 'none',
  });

/** The classifier's margins, or else its probabilities, and what calibrators make of them. */
function lowerPair(pair: Estimator, labels: Labels): Node {
  const classes = labelCount(labels);
  const { given } = pair.lowering;
  const attribute = pair.has('estimator') ? 'estimator' : 'base_estimator';
  const node = lowerMember(pair, pair.get(attribute), attribute, given, 'classifier');
  const { decisionFunction, probability, labels: own, sums } = headOf(node) as ClassifierHead;
  if (own.length !== 1 || labelCount(own[0]!) !== classes)
    pair.refuse(attribute, 'knows other classes than the model');
  if (!decisionFunction && probability === null)
    pair.refuse(attribute, 'has neither a decision function nor probabilities');
  const method: AnswerMethod = decisionFunction ? 'decision_function' : 'predict_proba';
  // Of two classes' probabilities the first says nothing new.
  const skip = !decisionFunction && classes === 2 ? 1 : 0;
  const columns = answerColumns(node, method) - skip;
  if (columns !== (classes === 2 ? 1 : classes))
    pair.refuse(attribute, 'has no column for each class');
  const features = given.columns ?? pair.refuse('', 'does not say how many columns it takes');
  const answers: Node = { kind: 'answers', features, node, method, skip };
  const places = positions(labels);
  const last = (link: ProbabilityLink, width: number, order: ClassifierHead['sums']): Node => ({
    kind: 'scores',
    features: width,
    head: headFor(places, link, order),
  });
  if (pair.text('method') === 'temperature') {
    const steps = scaleByTemperature(pair, columns, decisionFunction);
    const width = decisionFunction ? columns : classes;
    const link = width === 1 ? 'expit-pair' : 'softmax';
    return { kind: 'pipeline', steps: [answers, ...steps, last(link, width, sums)] };
  }
  const calibrators = pair.children('calibrators', [
    isotonicRegression,
    `${module}._SigmoidCalibration`,
  ]);
  if (calibrators.length !== columns)
    pair.refuse('calibrators', `expected ${columns}, found ${calibrators.length}`);
  const isotonic = calibrators.filter(({ object }) => object.className === isotonicRegression);
  const calibrate =
    isotonic.length === columns
      ? interpolateEach(isotonic)
      : [sigmoids(calibrators, isotonic.length === 0)];
  const link = classes === 2 ? 'complement' : 'normalize-uniform';
  // Probabilities are gathered in float64.
  return {
    kind: 'pipeline',
    steps: [answers, ...calibrate, cast(columns, 'float64'), last(link, columns, null)],
  };
}

/** The logistic function of −(a · T + b). Up to scikit-learn 1.4, which numpy 2 came after, a and b take on the dtype of T. */
function sigmoids(calibrators: readonly Estimator[], alike: boolean): Node {
  const [first] = calibrators;
  if (!alike) first!.refuse('', 'one of several sorts of calibrators');
  const operands = (attribute: string) =>
    Float64Array.from(calibrators, (one) => one.number(attribute));
  const narrow = !first!.since(1, 5);
  const node = elementwise(calibrators.length, 'any', [
    { operation: 'multiply', operands: operands('a_'), rounded: narrow },
    { operation: 'add', operands: operands('b_'), rounded: narrow },
    { operation: 'negative' },
    { operation: 'expit' },
  ]);
  return narrow ? node : { ...node, type: 'float64' };
}

/** Margins, or logarithms of probabilities, times the inverse temperature. */
function scaleByTemperature(pair: Estimator, columns: number, margins: boolean): Node[] {
  const [calibrator, ...others] = pair.children('calibrators', [`${module}._TemperatureScaling`]);
  if (!calibrator || others.length > 0) return pair.refuse('calibrators', 'expected one');
  const beta = calibrator.get('beta_');
  const factor = unwrapScalar(beta);
  if (typeof factor !== 'number') return calibrator.refuse('beta_', 'expected a number');
  const rounded =
    beta !== null && typeof beta === 'object' && beta.type === 'array' && beta.dtype === '<f4';
  const all = (width: number, operation: Arithmetic['operation'], value: number): Arithmetic => ({
    operation,
    operands: new Float64Array(width).fill(value),
    rounded: true,
  });
  const type = rounded ? null : ('float64' as const);
  if (margins)
    return [{ ...elementwise(columns, 'refuse', [all(columns, 'multiply', factor)]), type }];
  const two = columns === 1;
  const width = two ? 2 : columns;
  const both: Node[] = two
    ? [
        { kind: 'select', features: 1, columns: Uint32Array.of(0, 0) },
        elementwise(2, 'refuse', [
          { operation: 'multiply', operands: Float64Array.of(-1, 1), rounded: true },
          { operation: 'add', operands: Float64Array.of(1, 0), rounded: true },
        ]),
      ]
    : [];
  return [
    ...both,
    elementwise(width, 'refuse', [all(width, 'add', 1e-12), { operation: 'log' }]),
    { ...elementwise(width, 'any', [all(width, 'multiply', factor)]), type },
  ];
}
