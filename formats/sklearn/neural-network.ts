import type { Head, Linear, Node } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { readComponents } from './decomposition.js';
import type { Estimator } from './estimator.js';
import { constant, elementwise } from './preprocessing.js';
import { chain, projection, readMatrix, readVector, transpose } from './projection.js';
import type { LoweringTable } from './table.js';

/** sklearn.neural_network */
export const neuralNetworkTable: LoweringTable = {
  'sklearn.neural_network._multilayer_perceptron.MLPClassifier': lowerClassifier,
  'sklearn.neural_network._multilayer_perceptron.MLPRegressor': lowerRegressor,
  'sklearn.neural_network._rbm.BernoulliRBM': lowerBoltzmannMachine,
};

function lowerClassifier(network: Estimator): Node {
  const binarizer = network.child('_label_binarizer', [
    'sklearn.preprocessing._label.LabelBinarizer',
  ]);
  if (binarizer.text('y_type_').startsWith('multilabel'))
    network.refuse('_label_binarizer', 'several labels a row are not supported');
  const labels = binarizer.labels(binarizer.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const { hidden, last } = lowerLayers(network);
  const output = network.text('out_activation_');
  if (output !== (classes === 2 ? 'logistic' : 'softmax') || classes < 2)
    network.refuse('out_activation_', `${output} of ${classes} classes`);
  if (last.outputs !== (classes === 2 ? 1 : classes))
    network.refuse('coefs_', `${last.outputs} outputs for ${classes} classes`);
  const head = classifierHead([labels], {
    // Two classes are told apart by whether the probability is above a half.
    decide: 'probable',
    probability: classes === 2 ? 'expit' : 'softmax',
  });
  return chain(...hidden, { ...last, head });
}

function lowerRegressor(network: Estimator): Node {
  const { hidden, last } = lowerLayers(network);
  const output = network.text('out_activation_');
  if (output !== 'identity' && output !== 'exp')
    network.refuse('out_activation_', `expected identity or exp, found ${output}`);
  const { outputs: targets } = last;
  const link = output === 'exp' ? 'exp' : 'identity';
  const head: Head = { task: 'regressor', targets, flat: targets === 1, link };
  return chain(...hidden, { ...last, head });
}

/** Layers of products, each but the last with its activation. */
function lowerLayers(network: Estimator): { hidden: readonly Node[]; last: Linear } {
  const coefficients = network.items('coefs_');
  const intercepts = network.items('intercepts_');
  const count = coefficients.length;
  if (count === 0 || intercepts.length !== count || network.integer('n_layers_') !== count + 1)
    network.refuse('coefs_', 'expected coefficients and intercepts of each layer');
  const steps: Node[] = [];
  let rows = network.features();
  for (let i = 0; i < count; i++) {
    const weights = transpose(readMatrix(network, `coefs_[${i}]`, { rows }, coefficients[i]!));
    rows = weights.rows;
    const biases = readVector(network, `intercepts_[${i}]`, rows, intercepts[i]!);
    const layer = projection(network, weights, { intercepts: biases });
    if (i === count - 1) return { hidden: steps, last: layer };
    steps.push(layer, ...activate(network, rows));
  }
  return network.refuse('coefs_', 'expected at least one layer');
}

function activate(network: Estimator, columns: number): readonly Node[] {
  const name = network.text('activation');
  switch (name) {
    case 'identity':
      return [];
    case 'relu':
      return [elementwise(columns, 'any', [constant(network, 'maximum', 0, columns)])];
    case 'tanh':
      return [elementwise(columns, 'any', [{ operation: 'tanh' }])];
    case 'logistic':
      return [elementwise(columns, 'any', [{ operation: 'expit' }])];
    default:
      return network.refuse('activation', `unknown activation ${name}`);
  }
}

/** How probable it is that each hidden unit is on. `score_samples` draws random numbers, so it is not offered. */
function lowerBoltzmannMachine(machine: Estimator): Node {
  const components = readComponents(machine);
  const intercepts = readVector(machine, 'intercept_hidden_', components.rows);
  return chain(
    projection(machine, components, { intercepts }),
    elementwise(components.rows, 'any', [{ operation: 'expit' }]),
  );
}
