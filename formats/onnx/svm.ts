import {
  type Kernel,
  type KernelStep,
  labelCount,
  type SupportVectors,
} from '../../src/ir/index.js';
import {
  answersOf,
  asFloats,
  type Choice,
  type Columns,
  classifierHead,
  elementwise,
  followed,
  margins,
  opposite,
  positions,
  product,
} from './columns.js';
import { floats } from './linear.js';
import type { Operator } from './operator.js';
import type { LoweringTable } from './table.js';

export const svmTable: LoweringTable = {
  SVMClassifier: lowerClassifier,
  SVMRegressor: lowerRegressor,
};

function lowerRegressor(operator: Operator): Columns[] {
  operator.text('post_transform', ['NONE'], 'NONE');
  const input = operator.columns(0, 'float');
  const count = operator.integer('n_supports', 0);
  // Without support vectors the coefficients are those of a linear model.
  const seen = count === 0 ? input : compare(operator, input, count);
  const coefficients = floats(operator, 'coefficients', seen.width);
  const sums = product(seen, coefficients, floats(operator, 'rho', 1));
  if (operator.integer('one_class', 0) === 0) return [{ ...sums, predicts: true }];
  const constant = (operation: 'greater' | 'multiply' | 'subtract', value: number) => {
    return { operation, operands: Float64Array.of(value), rounded: true };
  };
  // Above 0 it is 1, else −1.
  const signs = [constant('greater', 0), constant('multiply', 2), constant('subtract', 1)];
  return [{ ...followed(sums, elementwise(1, signs, 'float32')), predicts: true }];
}

/** Similarities to support vectors. Rows that are not finite are refused: what is no number has no sign to vote by. */
function compare(operator: Operator, input: Columns, count: number): Columns {
  if (!(count >= 1 && count < operator.lowering.limits.features))
    operator.refuse('', `${count} support vectors are not supported`);
  const [steps, operands] = readKernel(operator);
  const kernel: Kernel = {
    kind: 'kernel',
    features: input.width,
    nonFinite: 'refuse',
    references: floats(operator, 'support_vectors', count * input.width),
    steps,
    operands: Float64Array.from(operands),
    diagonal: false,
  };
  return followed(input, kernel, count);
}

function readKernel(
  operator: Operator,
): readonly [steps: readonly KernelStep[], operands: readonly number[]] {
  const types = ['LINEAR', 'POLY', 'RBF', 'SIGMOID'] as const;
  const type = operator.text('kernel_type', types, 'LINEAR');
  const isGiven = operator.maybeNumbers('kernel_params')?.length;
  const [gamma, coef0, degree] = isGiven
    ? (floats(operator, 'kernel_params', 3) as unknown as [number, number, number])
    : [0, 0, 0];
  switch (type) {
    case 'LINEAR':
      return [['dot'], []];
    case 'RBF':
      return [['differences', 'multiply', 'exp'], [-gamma]];
    case 'SIGMOID':
      return [
        ['dot', 'multiply', 'add', 'tanh'],
        [gamma, coef0],
      ];
    case 'POLY': {
      const isWhole = Number.isInteger(degree) && degree >= 0 && degree < 2 ** 31;
      const power = isWhole ? 'integer-power' : 'power';
      return [
        ['dot', 'multiply', 'add', power],
        [gamma, coef0, degree],
      ];
    }
  }
}

/** libsvm's classifiers. What is beside the label are probabilities, or the decisions between every two classes. */
function lowerClassifier(operator: Operator): [Choice, Columns] {
  operator.text('post_transform', ['NONE'], 'NONE');
  const labels = operator.labels('classlabels_strings', 'classlabels_ints');
  const classes = labelCount(labels);
  const pairs = (classes * (classes - 1)) / 2;
  const starts = readStarts(operator, classes);
  const count = starts[classes]!;
  const input = asFloats(operator.columns(0, 'float', 'double', 'integer'));
  const seen = compare(operator, input, count);
  const sigmoids = readSigmoids(operator, pairs);
  // onnxruntime agrees on probabilities in 100 turns, libsvm in as many as there are classes.
  if (sigmoids && classes > 100)
    operator.refuse('prob_a', 'probabilities of more than 100 classes are not supported');
  const isPair = classes === 2;
  const decide = isPair ? 'nonNegative' : 'argmax';
  const machine: SupportVectors = {
    kind: 'support-vectors',
    features: count,
    outputs: isPair ? 1 : classes,
    starts,
    coefficients: Float64Array.from(floats(operator, 'coefficients', (classes - 1) * count)),
    intercepts: Float64Array.from(floats(operator, 'rho', pairs)),
    breakTies: false,
    sigmoids,
    precision: 'float32',
    head: {
      ...classifierHead(positions(classes), decide, sigmoids ? 'own' : null),
      ...(!isPair && !sigmoids && { pairs: true as const }),
    },
  };
  const ask = (method: 'raw' | 'predict_proba' | 'decision_function', width: number) =>
    followed(seen, answersOf(machine, count, method), width);
  const scores = ask('raw', machine.outputs);
  const choice: Choice = { kind: 'choice', scores, decide, labels };
  if (sigmoids) {
    const link = { of: scores, probability: 'own' as const };
    return [choice, { ...ask('predict_proba', classes), link, range: 'unit' }];
  }
  // Of two classes the number of the second is the decision, which is above 0 where the first is chosen.
  if (isPair) return [choice, margins(opposite(scores))];
  return [
    choice,
    { ...ask('decision_function', pairs), link: { of: scores, probability: 'pairs' } },
  ];
}

function readStarts(operator: Operator, classes: number): Uint32Array {
  const starts = new Uint32Array(classes + 1);
  const counts = operator.maybeNumbers('vectors_per_class') ?? [];
  if (counts.length !== classes)
    operator.refuse('vectors_per_class', `expected ${classes} numbers, found ${counts.length}`);
  counts.forEach((own, i) => {
    if (!(Number.isSafeInteger(own) && own >= 0 && own < operator.lowering.limits.features))
      operator.refuse('vectors_per_class', `${own} support vectors are not supported`);
    starts[i + 1] = starts[i]! + own;
  });
  return starts;
}

/** Slopes and offsets, one pair of classes after another; null where there are none. */
function readSigmoids(operator: Operator, pairs: number): Float64Array | null {
  if (!operator.maybeNumbers('prob_a')?.length && !operator.maybeNumbers('prob_b')?.length)
    return null;
  const slopes = floats(operator, 'prob_a', pairs);
  const offsets = floats(operator, 'prob_b', pairs);
  return Float64Array.from({ length: 2 * pairs }, (_, i) =>
    i % 2 === 0 ? slopes[i / 2]! : offsets[(i - 1) / 2]!,
  );
}
