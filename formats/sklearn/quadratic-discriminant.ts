import { labelCount, type Node } from '../../src/ir/index.js';
import { pow } from '../../src/math/pow.js';
import { classifierHead } from '../classifier-head.js';
import { toFloats } from './arrays.js';
import { type Estimator, isArray, lowerEach } from './estimator.js';
import { constantsOf, rowsOf, sumOfLogs } from './gaussian.js';
import { type Floats, isSingle, readMatrix, readVector } from './projection.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.discriminant_analysis: a Gaussian density for each class */
export const quadraticDiscriminantTable: LoweringTable = {
  'sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis': lowerQuadraticDiscriminant,
};

function lowerQuadraticDiscriminant(analysis: Estimator): Node {
  const features = analysis.features();
  const labels = analysis.labels(analysis.get('classes_'), 'classes_');
  const outputs = labelCount(labels);
  const { values: means } = readMatrix(analysis, 'means_', { rows: outputs, columns: features });
  const priors = readVector(analysis, 'priors_', outputs);
  if (!priors.every((prior) => prior > 0)) analysis.refuse('priors_', 'expected positive numbers');
  const scalings = readArrays(analysis, 'scalings_', outputs);
  const rotations = readArrays(analysis, 'rotations_', outputs);
  const factors = lowerEach(rotations, (rotation, k) => {
    const { length } = scalings[k]!;
    if (rotation.length !== features * length || length === 0)
      return analysis.refuse(`rotations_[${k}]`, `expected [${features}, ${length}] numbers`);
    if (!scalings[k]!.every((variance) => variance > 0))
      return analysis.refuse(`scalings_[${k}]`, 'expected positive variances');
    return factorsOf(rotation, scalings[k]!, features);
  });
  // A class with fewer rows than columns has fewer factors: more of them that are 0 add nothing.
  const longest = factors.reduce((most, { length }) => Math.max(most, length), 0);
  analysis.make(longest * outputs);
  const single = factors.every(isSingle);
  const scales = new (single ? Float32Array : Float64Array)(longest * outputs);
  factors.forEach((own, k) => {
    scales.set(own, k * longest);
  });
  const byLogarithms = analysis.since(1, 6);
  return {
    kind: 'gaussian',
    features,
    outputs,
    nonFinite: 'refuse',
    means,
    distance: 'factors',
    scales,
    ...constantsOf([sumOfLogs(scalings), sumOfLogs(rowsOf(priors, outputs))], false),
    rounded: null,
    expanded: false,
    head: classifierHead([labels], {
      probability: byLogarithms ? 'softmax-log-max' : 'softmax',
      decisionFunction: true,
      // A column of scores for each class: numpy adds up a row of them in order.
      sums: 'sequential',
      logProbability: byLogarithms ? 'scores' : null,
      ...(outputs === 2 && { folded: true as const }),
    }),
  };
}

/** A rotation's columns, each divided by the root of its variance. */
function factorsOf(rotation: Floats, scaling: Floats, features: number): Floats {
  const single = isSingle(rotation) && isSingle(scaling);
  const roots = scaling.map((variance) => pow(variance, -0.5));
  const factors = new (single ? Float32Array : Float64Array)(rotation.length);
  for (let at = 0; at < factors.length; at++) {
    const factor = Math.floor(at / features);
    factors[at] = rotation[(at % features) * roots.length + factor]! * roots[factor]!;
  }
  return factors;
}

/** A list of arrays of numbers, one for each class. */
function readArrays(analysis: Estimator, attribute: string, count: number): Floats[] {
  const arrays = lowerEach(analysis.items(attribute), (item, k) => {
    const values = isArray(item) ? toFloats(item) : null;
    return values?.every(Number.isFinite)
      ? values
      : analysis.refuse(`${attribute}[${k}]`, `expected numbers, found ${describePython(item)}`);
  });
  return arrays.length === count
    ? arrays
    : analysis.refuse(attribute, `expected ${count} arrays, found ${arrays.length}`);
}
