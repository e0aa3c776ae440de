import type { Donors, Node } from '../../src/ir/index.js';
import { toFloats } from './arrays.js';
import type { Estimator } from './estimator.js';
import { readMissing, withIndicator } from './impute.js';
import { readWeigh } from './neighbors.js';
import { constant, elementwise } from './preprocessing.js';
import type { LoweringTable } from './table.js';

/** sklearn.impute: the imputer of neighbours */
export const knnImputerTable: LoweringTable = {
  'sklearn.impute._knn.KNNImputer': (imputer) => withIndicator(imputer, lowerDonors(imputer)),
};

/** Without the indicator. Columns that had no value in training are left out, or 0. */
function lowerDonors(imputer: Estimator): Node {
  const features = imputer.features();
  const metric = imputer.text('metric');
  if (metric !== 'nan_euclidean')
    imputer.refuse('metric', `expected nan_euclidean, found ${metric}`);
  if (!imputer.since(1, 3) && imputer.flag('add_indicator'))
    imputer.refuse(
      'add_indicator',
      'before 1.3 is left out where all rows that are asked together are whole',
    );
  const { sign, nonFinite } = readMissing(imputer);
  if (typeof sign === 'string') imputer.refuse('missing_values', 'expected a number');
  const array = imputer.array('_fit_X');
  const given = toFloats(array);
  const count = array.shape[0] ?? 0;
  if (`${array.shape}` !== `${[count, features]}` || !given || count === 0)
    return imputer.refuse('_fit_X', `expected rows of ${features} numbers`);
  const gone = given instanceof Float32Array && sign !== null ? Math.fround(sign) : sign;
  const rows = given.map((cell) => (cell === gone ? NaN : cell)) as Donors['rows'];
  if (rows.some((cell) => Math.abs(cell) === Infinity)) imputer.refuse('_fit_X', 'is infinite');
  const weigh = readWeigh(imputer);
  const wanted = imputer.integer('n_neighbors');
  if (wanted < 1) imputer.refuse('n_neighbors', `expected 1 or more, found ${wanted}`);
  const has = (col: number) => {
    for (let at = col; at < rows.length; at += features) if (!Number.isNaN(rows[at])) return true;
    return false;
  };
  const columns = Array.from({ length: features }, (_, col) => col);
  const kept = imputer.maybe('keep_empty_features') === true ? columns : columns.filter(has);
  if (kept.length === 0) imputer.refuse('_fit_X', 'leaves no column');
  const steps: Node[] = [];
  if (typeof sign === 'number')
    steps.push(elementwise(features, nonFinite, [constant(imputer, 'void', sign, features)]));
  steps.push({
    kind: 'donors',
    features,
    nonFinite: 'nan',
    rows,
    nearest: Math.min(wanted, count),
    weigh,
    // Up to 1.5 means without weights are of all that a partition leaves.
    distant: weigh === 'uniform' && !imputer.since(1, 6),
  });
  if (kept.length < features)
    steps.push({ kind: 'select', features, columns: Uint32Array.from(kept) });
  return steps.length === 1 ? steps[0]! : { kind: 'pipeline', steps };
}
