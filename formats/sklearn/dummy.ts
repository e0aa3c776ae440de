import type { Head, Labels, Node } from '../../src/ir/index.js';
import { labelCount, labelValues } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { toFloat64, toStrings } from './arrays.js';
import { type Estimator, isArray, sequenceItems, unwrapScalar } from './estimator.js';
import { elementwise } from './preprocessing.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.dummy */
export const dummyTable: LoweringTable = {
  'sklearn.dummy.DummyClassifier': lowerClassifier,
  'sklearn.dummy.DummyRegressor': lowerRegressor,
};

/** The same numbers for every row, whatever its cells are: nothing is greater than infinity. */
export function constants(features: number, values: readonly number[]): Node[] {
  const columns = new Uint32Array(values.length);
  const operand = (operation: 'greater' | 'add', operands: Float64Array) =>
    ({ operation, operands, rounded: false }) as const;
  return [
    { kind: 'select', features, columns },
    {
      ...elementwise(values.length, 'any', [
        operand('greater', new Float64Array(values.length).fill(Number.POSITIVE_INFINITY)),
        operand('add', Float64Array.from(values)),
      ]),
      type: 'float64',
    },
  ];
}

const featuresOf = (dummy: Estimator) => dummy.lowering.given.columns ?? dummy.features();

function lowerClassifier(dummy: Estimator): Node {
  const strategy = dummy.text('strategy');
  if (dummy.maybe('sparse_output_') === true)
    dummy.refuse('sparse_output_', 'sparse labels are not supported');
  const several = dummy.integer('n_outputs_') > 1;
  const each = (attribute: string): PyValue[] =>
    several ? dummy.items(attribute) : [dummy.get(attribute)];
  const labels = each('classes_').map((classes) => dummy.labels(classes, 'classes_'));
  const priors = each('class_prior_').map((prior, i) => readPrior(dummy, prior, labels[i]!));
  const constant = strategy === 'constant' ? readConstant(dummy, several) : [];
  const probabilities = labels.flatMap((own, i) => {
    const prior = priors[i]!;
    switch (strategy) {
      case 'prior':
        return prior;
      case 'most_frequent':
        return oneAt(prior.length, prior.indexOf(Math.max(...prior)));
      case 'constant': {
        const place = labelValues(own).findIndex(
          (label) =>
            label === constant[i] ||
            (typeof label !== 'string' && Number(label) === Number(constant[i])),
        );
        if (place === -1) dummy.refuse('constant', `is none of ${dummy.name}'s classes`);
        return oneAt(prior.length, place);
      }
      default:
        return dummy.refuse('strategy', `${strategy} draws random labels`);
    }
  });
  return {
    kind: 'pipeline',
    steps: [
      ...constants(featuresOf(dummy), probabilities),
      {
        kind: 'scores',
        features: probabilities.length,
        head: classifierHead(labels, { probability: 'identity' }),
      },
    ],
  };
}

const oneAt = (length: number, place: number): number[] =>
  Array.from({ length }, (_, i) => Number(i === place));

function readPrior(dummy: Estimator, value: PyValue, labels: Labels): number[] {
  const prior = isArray(value) ? toFloat64(value) : null;
  if (prior?.length !== labelCount(labels))
    return dummy.refuse('class_prior_', `expected an array, found ${describePython(value)}`);
  return Array.from(prior);
}

/** The label that is always predicted, or one for each output. */
function readConstant(dummy: Estimator, several: boolean): readonly PyValue[] {
  const value = dummy.get('constant');
  const numbers = isArray(value) && value.shape.length > 0 ? toFloat64(value) : null;
  if (numbers !== null) return Array.from(numbers);
  const strings = isArray(value) && value.shape.length > 0 ? toStrings(value) : null;
  const items = strings ?? sequenceItems(value);
  return (several || items ? (items ?? []) : [value]).map(unwrapScalar);
}

/** Whatever the strategy was, fitting left the constants. The deviations of a single target are 0. */
function lowerRegressor(dummy: Estimator): Node {
  const { values } = dummy.numbers('constant_', 2);
  const flat = dummy.integer('n_outputs_') === 1;
  const targets = values.length;
  if (flat && targets !== 1) dummy.refuse('constant_', `expected one number, found ${targets}`);
  const head: Head = { task: 'regressor', targets, flat, link: 'identity' };
  const steps = constants(featuresOf(dummy), Array.from(values));
  const none = Float64Array.of(0);
  const last: Node = flat
    ? {
        kind: 'linear',
        features: 1,
        outputs: 1,
        nonFinite: 'refuse',
        coefficients: Float64Array.of(1),
        intercepts: none,
        deviation: { offsets: null, scales: null, covariance: none, noise: none },
        head,
      }
    : { kind: 'scores', features: targets, head };
  return { kind: 'pipeline', steps: [...steps, last] };
}
