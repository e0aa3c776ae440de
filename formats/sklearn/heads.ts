import type { ClassifierHead, Labels } from '../../src/ir/index.js';

/**
 * The head of a classifier: `labels` of each output, and what is otherwise than that it chooses the class with the largest score and answers
 * nothing else.
 */
export const classifierHead = (
  labels: readonly Labels[],
  otherwise: Partial<Omit<ClassifierHead, 'task' | 'labels'>> = {},
): ClassifierHead => ({
  task: 'classifier',
  labels,
  decide: 'argmax',
  probability: null,
  decisionFunction: false,
  sums: null,
  scoreOffset: null,
  decisionOffset: null,
  logProbability: null,
  ...otherwise,
});

/** The head of an outlier detector: −1 below its margin, 1 for an inlier. */
export const outlierHead = (
  otherwise: Partial<Omit<ClassifierHead, 'task' | 'labels'>>,
): ClassifierHead =>
  classifierHead([{ dtype: 'int64', values: Float64Array.of(-1, 1) }], {
    decide: 'nonNegative',
    decisionFunction: true,
    ...otherwise,
  });
