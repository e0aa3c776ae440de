import {
  type Fields,
  type Floats,
  fail,
  finite,
  flag,
  floats,
  list,
  oneOf,
  read,
  sized,
  within,
} from './fields.js';
import { dense, type NodeRules } from './rules.js';
import type { NonFinitePolicy, Own } from './value.js';

/** How similar each row is to rows that the model keeps, or how far from them: support vectors, training rows, centers. */
export interface Kernel {
  readonly kind: 'kernel';
  /** Columns of the input. */
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  /** [columns of the output × features], row after row. float32 only with float32 inputs gives float32 results, as in numpy. */
  readonly references: Floats;
  /**
   * What is calculated for a row and a reference, as postfix notation: each step takes the last results and leaves one.
   * `exp(-gamma * squared distance)` is `['squared-distance', 'multiply', 'exp']`.
   */
  readonly steps: readonly KernelStep[];
  /** Operands of the steps that have such, one after another. */
  readonly operands: Float64Array;
  /** Whether a last column has the result for the row and itself. */
  readonly diagonal: boolean;
}

/**
 * What of rows x and y takes no result:
 *
 * * `constant`: its operand.
 * * `noise`: its operand of a row and itself, else 0.
 * * `dot`: Σxᵢyᵢ.
 * * `cosine`: the same of rows divided by their norms.
 * * `squared-distance`: Σxᵢ² − 2Σxᵢyᵢ + Σyᵢ², at least 0: scikit-learn's `euclidean_distances`. float32 only when that is found.
 * * `squared-differences`: Σ(xᵢ/sᵢ − yᵢ/sᵢ)² in float64, s being as many operands as there are columns: SciPy's and libsvm's.
 * * `differences`: the same without divisors, and float32 of float32 ones, as ONNX Runtime finds it.
 * * `manhattan`: Σ|xᵢ − yᵢ| in float64.
 * * `additive-chi2`: −Σ(xᵢ − yᵢ)²/(xᵢ + yᵢ), 0 where that is 0/0. Cells must not be negative.
 */
export const kernelBases = [
  'constant',
  'noise',
  'dot',
  'cosine',
  'squared-distance',
  'squared-differences',
  'differences',
  'manhattan',
  'additive-chi2',
] as const;
export type KernelBase = (typeof kernelBases)[number];

/** What takes one result; the first six have an operand. `integer-power` multiplies as libsvm does, `power` is numpy's; `log` is −∞ of what is below 0. */
export const kernelFunctions = [
  'add',
  'multiply',
  'divide',
  'power',
  'integer-power',
  'minimum',
  'square',
  'sqrt',
  'exp',
  'log',
  'tanh',
  'sin',
  'matern-3/2',
  'matern-5/2',
] as const;
export type KernelFunction = (typeof kernelFunctions)[number];

/** What takes two results. */
export const kernelPairs = ['sum', 'product'] as const;
export type KernelPair = (typeof kernelPairs)[number];

export type KernelStep = KernelBase | KernelFunction | KernelPair;

/** Steps of one kernel, and results that wait for others: a small file must not make much work. */
const mostSteps = 256;
const mostResults = 32;
/** Cells of references that steps hold once more, each divided by operands of its own, beside the first such step. */
const mostScaled = 2 ** 24;

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  names.some((one) => one === name);

export const isBase = (step: KernelStep): step is KernelBase => isOneOf(kernelBases, step);
export const isPair = (step: KernelStep): step is KernelPair => isOneOf(kernelPairs, step);

/** How many operands a step has. */
export function operandCount(step: KernelStep, features: number): number {
  if (step === 'squared-differences') return features;
  const has = step === 'constant' || step === 'noise';
  return has || (isOneOf(kernelFunctions, step) && kernelFunctions.indexOf(step) < 6) ? 1 : 0;
}

export const kernelRules: NodeRules<Kernel> = {
  kind: 'kernel',
  validate: validateKernel,
  gives: (node) => dense(kernelColumns(node)),
};

/** Rows that are kept. */
export const referenceCount = ({ references, features }: Kernel): number =>
  references.length / features;

export const kernelColumns = (node: Kernel): number => referenceCount(node) + Number(node.diagonal);

function validateKernel(f: Fields, features: number): Own<Kernel> {
  const { limits } = f;
  const references = read(f, 'references', sized(floats(), 1, limits.features - 1, features));
  const readStep = oneOf<KernelStep>(...kernelBases, ...kernelFunctions, ...kernelPairs);
  const steps = read(f, 'steps', sized(list(readStep), 1, mostSteps));
  const operands = read(f, 'operands', finite());
  let results = 0;
  let count = 0;
  let scaling = -1;
  steps.forEach((step, i) => {
    results += isBase(step) ? 1 : isPair(step) ? -1 : 0;
    within(f, `steps[${i}]`, results, 1, mostResults);
    const divides = step === 'divide' || step === 'squared-differences';
    const end = count + operandCount(step, features);
    within(f, 'operands', operands.length, end, Infinity);
    for (; count < end; count++) {
      const operand = operands[count];
      // Nothing is divided by 0, and an integer power is one.
      if (divides && operand === 0) fail(f, `operands[${count}]`, `${step} by 0`);
      if (step === 'integer-power') within(f, `operands[${count}]`, operand, 0, 2 ** 31 - 1);
    }
    if (step === 'squared-differences') scaling++;
    if (step === 'additive-chi2' && references.some((cell) => cell < 0))
      fail(f, 'references', 'negative');
  });
  within(f, 'operands', operands.length, count);
  if (results !== 1) fail(f, 'steps', `leave ${results} results`);
  if (scaling * references.length > mostScaled) fail(f, 'steps', 'scale too many references');
  return { references, steps, operands, diagonal: read(f, 'diagonal', flag) };
}
