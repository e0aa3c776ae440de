import type { ClassifierHead, Labels } from '../src/ir/index.js';

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
