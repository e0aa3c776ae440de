import type { Kernel, KernelStep, Node } from '../../src/ir/index.js';
import { exp } from '../../src/math/exp.js';
import { log } from '../../src/math/log.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray, sequenceItems } from './estimator.js';
import { treeClasses } from './neighbors.js';
import { elementwise } from './preprocessing.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.neighbors: densities of rows */
export const kernelDensityTable: LoweringTable = {
  'sklearn.neighbors._kde.KernelDensity': lowerKernelDensity,
};

/** A step, with its operand if it has one. */
type Step = readonly [KernelStep, number?];

/** For each kernel its logarithm, of distances or of their squares, and of the bandwidth; −∞ from a bandwidth on where it ends there. */
const kernels: Readonly<Record<string, { squared?: true; steps: (h: number) => Step[] }>> = {
  gaussian: {
    squared: true,
    steps: (h) => [
      ['multiply', -0.5],
      ['divide', h * h],
    ],
  },
  tophat: {
    squared: true,
    // However little is left, it is more than 1 then, and its logarithm above 0.
    steps: (h) => [
      ['divide', h * h],
      ['multiply', -1],
      ['add', 1],
      ['multiply', 1e300],
      ['log'],
      ['minimum', 0],
    ],
  },
  epanechnikov: {
    squared: true,
    steps: (h) => [['divide', h * h], ['multiply', -1], ['add', 1], ['log']],
  },
  exponential: {
    steps: (h) => [
      ['divide', h],
      ['multiply', -1],
    ],
  },
  linear: { steps: (h) => [['divide', h], ['multiply', -1], ['add', 1], ['log']] },
  cosine: {
    // As a sine; from a bandwidth on it is not above 0, and is kept there.
    steps: (h) => [
      ['multiply', Math.PI / 2],
      ['divide', h],
      ['minimum', Math.PI],
      ['add', Math.PI / 2],
      ['sin'],
      ['log'],
    ],
  },
};

/** Euclidean distances come of squares. */
const bases: Readonly<Record<string, 'squared-differences' | 'manhattan'>> = {
  euclidean: 'squared-differences',
  l2: 'squared-differences',
  manhattan: 'manhattan',
  cityblock: 'manhattan',
  l1: 'manhattan',
};

function lowerKernelDensity(density: Estimator): Node {
  const features = density.features();
  const named = <T>(attribute: string, all: Readonly<Record<string, T>>): T => {
    const name = density.text(attribute);
    return Object.hasOwn(all, name)
      ? all[name]!
      : density.refuse(attribute, `expected one of ${Object.keys(all).join(', ')}, found ${name}`);
  };
  const base = named('metric', bases);
  const { squared, steps: stepsOf } = named('kernel', kernels);
  if (density.get('metric_params') !== null)
    density.refuse(
      'metric_params',
      `expected none, found ${describePython(density.get('metric_params'))}`,
    );
  for (const tolerance of ['atol', 'rtol'])
    if (density.number(tolerance) !== 0)
      density.refuse(
        tolerance,
        'expected 0: what scikit-learn leaves out hangs on its way through the tree',
      );
  const width = density.number(density.has('bandwidth_') ? 'bandwidth_' : 'bandwidth');
  if (!(width > 0 && width < Infinity)) density.refuse('bandwidth', 'expected a number above 0');
  const tree = density.child('tree_', [...treeClasses.kd_tree[1], ...treeClasses.ball_tree[1]]);
  const items = sequenceItems(tree.object.state) ?? [];
  const floatsOf = (place: number) => {
    const item = items[place] ?? null;
    return isArray(item) ? toFloat64(item) : null;
  };
  const rows = floatsOf(0);
  const nodes = items[6];
  const count = (rows?.length ?? 0) / features;
  if (
    !rows?.every(Number.isFinite) ||
    !(count >= 1) ||
    !Number.isInteger(count) ||
    typeof nodes !== 'number'
  )
    return density.refuse('tree_', `expected a tree of rows of ${features} numbers`);
  const weights = items[12] === null ? new Float64Array(count).fill(1) : floatsOf(12);
  if (weights?.length !== count || !weights.every((one) => one >= 0 && one < Infinity))
    return density.refuse('tree_', `expected ${count} weights`);
  const used = Array.from(rows.keys()).filter((i) => weights[Math.floor(i / features)]! > 0);
  const total = log(pairwiseSum(weights, 0, count));
  const norm = logNorm(density.text('kernel'), width, features);
  // Of several columns scikit-learn's own norm of cosines is not always a number.
  if (!Number.isFinite(norm)) density.refuse('kernel', 'its norm is no number');
  if (used.length === 0) density.refuse('tree_', 'all weights are 0');
  const chosen: Step[] = [
    ...(base === 'manhattan'
      ? squared
        ? [['square'] as const]
        : []
      : squared
        ? []
        : [['sqrt'] as const]),
    ...stepsOf(width),
  ];
  const ones = base === 'manhattan' ? [] : new Array<number>(features).fill(1);
  const kernel: Kernel = {
    kind: 'kernel',
    features,
    nonFinite: 'refuse',
    references: Float64Array.from(used, (i) => rows[i]!),
    steps: [base, ...chosen.map(([step]) => step)],
    operands: Float64Array.of(...ones, ...chosen.flatMap(([, operand]) => operand ?? [])),
    diagonal: false,
  };
  const components = used.length / features;
  const operands = Float64Array.from(
    weights.filter((one) => one > 0),
    (one) => log(one) - total + norm,
  );
  /**
   * scikit-learn's walk adds bounds of each node and takes them away again, and adds rows: six steps a node, one a row, each of which rounds a logarithm. What it
   * adds is at most what all rows would be at a distance of 0; the norm rounds a share of that, too. Sums in other orders drift apart as √n.
   */
  const walk = (8 + Math.sqrt(6 * nodes + count)) * (Math.abs(total) + 8);
  const own = 4 * (Math.abs(norm) + Math.abs(total) + features + 8);
  const uncertainty = Float64Array.of(2 ** -53 * exp(norm) * (walk + own));
  return {
    kind: 'pipeline',
    steps: [
      kernel,
      elementwise(components, 'any', [{ operation: 'add', operands, rounded: false }]),
      { kind: 'scores', features: components, head: { task: 'density', components, uncertainty } },
    ],
  };
}

const logPi = log(Math.PI);
const logTwoPi = log(2 * Math.PI);

/** The logarithm of the volume of a ball of radius 1 in n dimensions. */
const logVolume = (n: number): number => 0.5 * n * logPi - logGammaOfHalf(n + 2);

/** Of the surface of a ball in n + 1 dimensions. */
const logSurface = (n: number): number => logTwoPi + logVolume(n - 1);

/** log Γ(n / 2): Γ(x + 1) = x · Γ(x), from Γ(1) = 1 and Γ(1/2) = √π on. */
function logGammaOfHalf(n: number): number {
  let sum = n % 2 === 0 ? 0 : logPi / 2;
  let product = 1;
  for (let x = n % 2 === 0 ? 1 : 0.5; x < n / 2; x++) {
    product *= x;
    if (product < 1e200) continue;
    sum += log(product);
    product = 1;
  }
  return sum + log(product);
}

/** What makes densities of a kernel add up to 1. */
function logNorm(kernel: string, h: number, d: number): number {
  const factors: Readonly<Record<string, () => number>> = {
    gaussian: () => 0.5 * d * logTwoPi,
    tophat: () => logVolume(d),
    epanechnikov: () => logVolume(d) + log(2 / (d + 2)),
    exponential: () => logSurface(d - 1) + logGammaOfHalf(2 * d),
    linear: () => logVolume(d) - log(d + 1),
    cosine() {
      let factor = 0;
      let term = 2 / Math.PI;
      for (let k = 1; k <= d; k += 2) {
        factor += term;
        term *= -(d - k) * (d - k - 1) * (4 / (Math.PI * Math.PI));
      }
      return log(factor) + logSurface(d - 1);
    },
  };
  return -factors[kernel]!() - d * log(h);
}
