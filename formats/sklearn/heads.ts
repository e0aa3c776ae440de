import type { ClassifierHead } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';

/** The head of an outlier detector: −1 below its margin, 1 for an inlier. */
export const outlierHead = (
  otherwise: Partial<Omit<ClassifierHead, 'task' | 'labels'>>,
): ClassifierHead =>
  classifierHead([{ dtype: 'int64', values: Float64Array.of(-1, 1) }], {
    decide: 'nonNegative',
    decisionFunction: true,
    ...otherwise,
  });
