import type { Impute, Missing, MissingMask, Node, NonFinitePolicy } from '../../src/ir/index.js';
import { numericType, toFloat64 } from './arrays.js';
import { readCells } from './categories.js';
import { type Estimator, isArray, unwrapScalar } from './estimator.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

const missingIndicator = 'sklearn.impute._base.MissingIndicator';

/** sklearn.impute */
export const imputeTable: LoweringTable = {
  'sklearn.impute._base.SimpleImputer': lowerSimpleImputer,
  [missingIndicator]: lowerMissingIndicator,
};

/** The names that pandas 3 and pandas 2 give theirs. */
const pandasNA = ['pandas.NA', 'pandas._libs.missing.NA'];

/** What `missing_values` says. None and pandas' NA are missing cells, as NaN is. */
function readMissing(estimator: Estimator): { missing: Missing; nonFinite: NonFinitePolicy } {
  const value = unwrapScalar(estimator.get('missing_values'));
  const absent =
    value === null ||
    (typeof value === 'object' && value.type === 'global' && pandasNA.includes(value.name));
  if (absent || Number.isNaN(value))
    return { missing: { number: Float64Array.of(Number.NaN), string: null }, nonFinite: 'nan' };
  if (typeof value === 'number')
    return { missing: { number: Float64Array.of(value), string: null }, nonFinite: 'refuse' };
  if (typeof value === 'string')
    return { missing: { number: null, string: value }, nonFinite: 'refuse' };
  return estimator.refuse(
    'missing_values',
    `expected a number, a string or None, found ${describePython(value)}`,
  );
}

function lowerSimpleImputer(imputer: Estimator): Node {
  const features = imputer.features();
  const fillIn = lowerFill(imputer, features);
  if (!imputer.flag('add_indicator')) return fillIn;
  const indicator = imputer.child('indicator_', [missingIndicator]);
  const mask = maskOf(indicator, features);
  if (mask.columns.length === 0) return fillIn;
  const { sparse } = mask;
  return {
    kind: 'union',
    features,
    parts: [
      { columns: null, node: fillIn },
      { columns: null, node: ofDense(mask, imputer) },
    ],
    sparse,
  };
}

/** The imputer without its indicator. Columns that had no value in training are left out. */
function lowerFill(imputer: Estimator, features: number): Node {
  const { missing, nonFinite } = readMissing(imputer);
  const statistics = imputer.array('statistics_');
  const cells = statistics.shape.length === 1 ? readCells(statistics) : null;
  if (cells === null || cells.length !== features || cells.includes(null))
    return imputer.refuse('statistics_', `expected ${features} numbers or strings`);
  const keepsAll =
    (imputer.since(1, 2) && imputer.flag('keep_empty_features')) ||
    (!imputer.since(1, 8) && imputer.text('strategy') === 'constant');
  const isKept = (i: number): boolean => keepsAll || !Number.isNaN(cells[i]);
  const kept = Uint32Array.from(cells.flatMap((_, i) => (isKept(i) ? i : [])));
  if (kept.length === 0) imputer.refuse('statistics_', 'leaves no column');
  const objects = isObjects(imputer);
  // From 1.8 the statistics are cast to the dtype that was fitted.
  const single = imputer.since(1, 8) && fillType(imputer) === 'float32';
  const impute = (columns: Uint32Array): Impute => {
    const node: Impute = {
      kind: 'impute',
      features: columns.length,
      nonFinite: objects && nonFinite === 'nan' ? 'any' : nonFinite,
      missing,
      numbers: Float64Array.from(columns, (column) => {
        const cell = cells[column];
        const value = typeof cell === 'string' ? Number.NaN : Number(cell);
        return single ? Math.fround(value) : value;
      }),
      strings: objects
        ? Array.from(columns, (column) => {
            const cell = cells[column];
            return typeof cell === 'string' ? cell : null;
          })
        : null,
    };
    imputer.lowering.booleans.set(
      node,
      Array.from(columns, (column) => typeof cells[column] === 'boolean'),
    );
    return node;
  };
  if (kept.length === features) return impute(kept);
  // Of numbers every column is checked; of objects only those that are used have a known type.
  return objects
    ? {
        kind: 'union',
        features,
        parts: [{ columns: kept, node: impute(kept) }],
        sparse: false,
      }
    : {
        kind: 'pipeline',
        steps: [
          impute(Uint32Array.from(cells.keys())),
          { kind: 'select', features, columns: kept },
        ],
      };
}

/** Whether the imputer was fitted on objects: strings, or numbers among strings. */
function isObjects(imputer: Estimator): boolean {
  const value = imputer.get('_fit_dtype');
  if (value === null || typeof value !== 'object' || value.type !== 'dtype')
    return imputer.refuse('_fit_dtype', `expected a dtype, found ${describePython(value)}`);
  return value.dtype === '|O';
}

function fillType(imputer: Estimator): string | null {
  const value = imputer.get('_fill_dtype');
  return value !== null && typeof value === 'object' && value.type === 'dtype'
    ? numericType(value.dtype)
    : null;
}

function lowerMissingIndicator(indicator: Estimator): Node {
  return ofDense(maskOf(indicator, indicator.features()), indicator);
}

/** A mask is made of dense rows: sparse ones are given their zeros first. */
function ofDense(mask: MissingMask, estimator: Estimator): Node {
  if (!estimator.lowering.given.sparse) return mask;
  const { features } = mask;
  const parts = [{ columns: null, node: null }];
  return { kind: 'pipeline', steps: [{ kind: 'union', features, parts, sparse: false }, mask] };
}

function maskOf(indicator: Estimator, features: number): MissingMask {
  const { missing, nonFinite } = readMissing(indicator);
  const array = indicator.get('features_');
  const columns = isArray(array) ? toFloat64(array) : null;
  if (columns === null || columns.some((column) => !(column >= 0 && column < features)))
    return indicator.refuse('features_', `expected indices of ${features} columns`);
  const sparse = unwrapScalar(indicator.get('sparse'));
  return {
    kind: 'missing-mask',
    features,
    nonFinite,
    missing,
    columns: Uint32Array.from(columns),
    refuseOthers: indicator.text('features') === 'missing-only' && indicator.flag('error_on_new'),
    sparse: sparse === 'auto' ? indicator.lowering.given.sparse : sparse === true,
  };
}
