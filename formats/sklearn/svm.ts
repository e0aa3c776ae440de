import { lowerMarginClassifier } from './linear-classifier.js';
import { lowerLinearRegressor } from './linear-model.js';
import type { LoweringTable } from './table.js';

/** sklearn.svm */
export const svmTable: LoweringTable = {
  'sklearn.svm._classes.LinearSVC': lowerMarginClassifier,
  'sklearn.svm._classes.LinearSVR': (estimator) => lowerLinearRegressor(estimator),
};
