import type { ArrayOf, Fields } from './fields.js';
import type { NodeRules } from './rules.js';
import type { NonFinitePolicy, Own } from './value.js';

/** How similar each row is to rows that the model keeps, or how far from them: support vectors, training rows, centers. */
export interface Kernel {
  readonly kind: 'kernel';
  /** Columns of the input. */
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  /** [columns of the output × features], row after row. float32 only with float32 inputs gives float32 results, as in numpy. */
  readonly references: ArrayOf<'float64' | 'float32'>;
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
  'manhattan',
  'additive-chi2',
] as const;
export type KernelBase = (typeof kernelBases)[number];

/** What takes one result; the first five have an operand. `integer-power` multiplies as libsvm does, `power` is numpy's. */
export const kernelFunctions = [
  'add',
  'multiply',
  'divide',
  'power',
  'integer-power',
  'square',
  'sqrt',
  'exp',
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
  return has || (isOneOf(kernelFunctions, step) && kernelFunctions.indexOf(step) < 5) ? 1 : 0;
}

export const kernelRules: NodeRules<Kernel> = {
  kind: 'kernel',
  validate: validateKernel,
  gives: (node) => ({ kind: 'dense', columns: kernelColumns(node) }),
};

/** Rows that are kept. */
export const referenceCount = ({ references, features }: Kernel): number =>
  references.length / features;

export const kernelColumns = (node: Kernel): number => referenceCount(node) + Number(node.diagonal);

function validateKernel(f: Fields, features: number): Own<Kernel> {
  const references = f.finite('references', undefined, ['float64', 'float32']);
  f.within('references', references.length / features, 1, f.limits.features - 1);
  const texts = f.texts('steps');
  f.within('steps', texts.length, 1, mostSteps);
  const all: readonly KernelStep[] = [...kernelBases, ...kernelFunctions, ...kernelPairs];
  let results = 0;
  let count = 0;
  const steps = texts.map((text, i): KernelStep => {
    const step =
      all.find((name) => name === text) ??
      f.fail(`steps[${i}]`, `expected one of ${all.join(', ')}`);
    results += isBase(step) ? 1 : isPair(step) ? -1 : 0;
    f.within(`steps[${i}]`, results, 1, mostResults);
    count += operandCount(step, features);
    return step;
  });
  if (results !== 1) f.fail('steps', `leave ${results} results`);
  const scaling = steps.filter((step) => step === 'squared-differences').length;
  if ((scaling - 1) * references.length > mostScaled) f.fail('steps', 'scale too many references');
  const operands = f.finite('operands', count);
  checkOperands(f, steps, operands, features);
  if (steps.includes('additive-chi2') && references.some((cell) => cell < 0))
    f.fail('references', 'negative');
  return { references, steps, operands, diagonal: f.flag('diagonal') };
}

/** Nothing is divided by 0, and an integer power is one. */
function checkOperands(
  f: Fields,
  steps: readonly KernelStep[],
  operands: Float64Array,
  features: number,
): void {
  let at = 0;
  for (const step of steps) {
    const count = operandCount(step, features);
    for (let i = at; i < at + count; i++) {
      const divides = step === 'divide' || step === 'squared-differences';
      if (divides && operands[i] === 0) f.fail(`operands[${i}]`, `${step} by 0`);
      if (step === 'integer-power') f.within(`operands[${i}]`, operands[i], 0, 2 ** 31 - 1);
    }
    at += count;
  }
}
