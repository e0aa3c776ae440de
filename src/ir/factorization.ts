import { type Floats, finite, floats, integer, notBelow, oneOf, read, readAll } from './fields.js';
import { type NodeRules, scores } from './rules.js';
import type { NonFinitePolicy } from './value.js';

/** How much of each component is in a row: found by steps that are repeated until it moves little. */
export interface Factorization {
  readonly kind: 'factorization';
  /** Columns of the input. */
  readonly features: number;
  /** Components, and columns of the output. */
  readonly outputs: number;
  readonly nonFinite: NonFinitePolicy;
  /** [outputs × features], row after row, none below 0. Numbers are rounded to their type in every step, and rows before the first. */
  readonly components: Floats;
  readonly update: Update;
  /** `variational`: [1], what is added to each component's share. Others: [2], what is subtracted or divided by for sizes, and for their squares. */
  readonly penalties: Float64Array;
  /** The most steps that a row takes. */
  readonly iterations: number;
  /** [1]: steps end where it moves less. */
  readonly tolerance: Float64Array;
}

/**
 * What a step does, and what ends steps where it is small.
 *
 * * `variational`: finds the expected topics of a document, as variational Bayes does; how far they move.
 * * `coordinates`: finds each component's share that is best beside the others', one after another; how far that is from what the first step found.
 * * `frobenius`, `kullback-leibler`: multiplies each share by what makes that loss less; every tenth time, how much less of it there is.
 * * `frobenius-change`, `kullback-leibler-change`: the same; how far shares move.
 */
export const updates = [
  'variational',
  'coordinates',
  'frobenius',
  'frobenius-change',
  'kullback-leibler',
  'kullback-leibler-change',
] as const;
export type Update = (typeof updates)[number];

/** A row takes `iterations` times as many multiplications as there are numbers in the file. */
const mostIterations = 10_000;
const mostComponents = 1024;

/** ψ is finite above, and does what scikit-learn's does. */
const leastPrior = 2 ** -19;

export const factorizationRules: NodeRules<Factorization> = {
  kind: 'factorization',
  validate(f, features) {
    const outputs = read(f, 'outputs', integer(1, mostComponents));
    const update = read(f, 'update', oneOf(...updates));
    const topics = update === 'variational';
    return {
      outputs,
      update,
      ...readAll(f, {
        components: notBelow(0, (topics ? floats : finite)(outputs * features)),
        penalties: notBelow(topics ? leastPrior : 0, finite(topics ? 1 : 2)),
        iterations: integer(0, mostIterations),
        tolerance: notBelow(0, finite(1)),
      }),
    };
  },
  gives: scores,
};
