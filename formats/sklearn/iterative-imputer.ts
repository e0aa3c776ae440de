import type { Node, RoundsPart } from '../../src/ir/index.js';
import { headColumns, headOf } from '../../src/ir/index.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray, isObject, lowerEach, unwrapScalar } from './estimator.js';
import { fillsSingle, readMissing, withIndicator } from './impute.js';
import { withoutOtherMethods } from './linear-model.js';
import { lowerMember } from './members.js';
import { constant, elementwise } from './preprocessing.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.impute: the imputer that predicts */
export const iterativeImputerTable: LoweringTable = {
  'sklearn.impute._iterative.IterativeImputer': (imputer) =>
    withIndicator(imputer, lowerRounds(imputer)),
};

const triplet = 'sklearn.impute._iterative._ImputerTriplet';

/** Without the indicator. Columns that had no value in training are left out, or what the first imputer makes of them. */
function lowerRounds(imputer: Estimator): Node {
  const features = imputer.features();
  if (imputer.flag('sample_posterior'))
    imputer.refuse('sample_posterior', 'draws at random, which is not reproducible');
  const { sign, nonFinite } = readMissing(imputer);
  if (typeof sign === 'string') imputer.refuse('missing_values', 'expected a number');
  const initial = imputer.child('initial_imputer_', ['sklearn.impute._base.SimpleImputer']);
  const { values: statistics } = initial.numbers('statistics_', 1);
  if (statistics.length !== features) initial.refuse('statistics_', `expected ${features} numbers`);
  const keepsAll = imputer.maybe('keep_empty_features') === true;
  const kept = keepsAll
    ? Uint32Array.from(statistics.keys())
    : Uint32Array.from([...statistics.keys()].filter((i) => !Number.isNaN(statistics[i])));
  const width = kept.length;
  const round = fillsSingle(initial) ? Math.fround : Number;
  const fills = Float64Array.from(kept, (column) => round(statistics[column]!));
  if (width === 0 || !fills.every(Number.isFinite))
    initial.refuse('statistics_', 'leaves no column, or has no number');
  const voided = typeof sign === 'number' ? [constant(imputer, 'void', sign, features)] : [];
  const steps: Node[] = [elementwise(features, nonFinite, voided)];
  if (width < features) steps.push({ kind: 'select', features, columns: kept });
  const empty = emptyColumns(imputer, features);
  const sequence = imputer.items('imputation_sequence_');
  const rounds = lowerEach(sequence, (item, i) =>
    lowerPrediction(imputer, item, i, width, fills),
  ).filter(
    // A column without a value in training keeps what it is filled with.
    ({ column }) => !(keepsAll && empty[column]),
  );
  const limits = (attribute: string) => readLimits(imputer, attribute, width);
  steps.push({
    kind: 'rounds',
    features: width,
    fills,
    lows: limits('_min_value'),
    highs: limits('_max_value'),
    parts: rounds,
  });
  return { kind: 'pipeline', steps };
}

function lowerPrediction(
  imputer: Estimator,
  item: PyValue,
  i: number,
  width: number,
  fills: Float64Array,
): RoundsPart<Node> {
  const place = `imputation_sequence_[${i}]`;
  const [target, neighbors, estimator] =
    isObject(item) && item.className === triplet ? item.args : [];
  const column = unwrapScalar(target ?? null);
  const indices = neighbors && isArray(neighbors) ? toFloat64(neighbors) : null;
  const fits = (index: unknown) =>
    typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < fills.length;
  if (!fits(column) || indices === null || indices.length === 0 || !indices.every(fits))
    return imputer.refuse(
      place,
      `expected columns of ${width} and an estimator, found ${describePython(item)}`,
    );
  const given = { columns: indices.length, sparse: false, small: false };
  const node = lowerMember(imputer, estimator ?? null, `${place}.estimator`, given, 'regressor');
  if (headColumns(headOf(node)!) !== 1) imputer.refuse(place, 'has several targets');
  return {
    column: column as number,
    columns: Uint32Array.from(indices),
    node: withoutOtherMethods(node),
  };
}

/** Which columns had no value in training: written down since 1.2. */
function emptyColumns(imputer: Estimator, features: number): ArrayLike<number> {
  const value = imputer.maybe('_is_empty_feature');
  const empty = isArray(value) ? toFloat64(value) : null;
  return empty?.length === features ? empty : new Uint8Array(features);
}

/** Without a round there are none. */
function readLimits(imputer: Estimator, attribute: string, width: number): Float64Array {
  if (!imputer.has(attribute) && imputer.items('imputation_sequence_').length === 0)
    return new Float64Array(width);
  const { values } = imputer.numbers(attribute, 1);
  return values.length === width
    ? values
    : imputer.refuse(attribute, `expected ${width} numbers, found ${values.length}`);
}
