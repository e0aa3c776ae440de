import type { ClassifierHead, Node } from '../../src/ir/index.js';
import { subtract } from './decomposition.js';
import type { Estimator } from './estimator.js';
import { lowerClassifier } from './linear-classifier.js';
import { chain, projection, readMatrix, transpose } from './projection.js';
import type { LoweringTable } from './table.js';

/** sklearn.discriminant_analysis: the linear one */
export const discriminantAnalysisTable: LoweringTable = {
  'sklearn.discriminant_analysis.LinearDiscriminantAnalysis': lowerLinearDiscriminantAnalysis,
};

function lowerLinearDiscriminantAnalysis(analysis: Estimator): Node {
  const linear = lowerClassifier(analysis, analysis, (classes) =>
    classes === 2 ? 'expit' : 'softmax',
  );
  const head: ClassifierHead = {
    ...(linear.head as ClassifierHead),
    logProbability: 'normal',
  };
  const steps = [{ ...linear, head }];
  const solver = analysis.text('solver');
  if (solver === 'lsqr') return steps[0]!;
  if (solver !== 'svd' && solver !== 'eigen')
    analysis.refuse('solver', 'expected svd, lsqr or eigen');
  const scalings = transpose(readMatrix(analysis, 'scalings_', { rows: linear.features }));
  const rows = Math.min(scalings.rows, analysis.integer('_max_components'));
  if (rows < 1) analysis.refuse('_max_components', 'expected 1 or more');
  const values = scalings.values.subarray(0, rows * linear.features);
  const products = projection(analysis, { values, rows, columns: linear.features });
  const beside = solver === 'svd' ? chain(subtract(analysis, 'xbar_'), products) : products;
  return { kind: 'pipeline', steps, beside };
}
