import type { Arithmetic, EncodeColumn, Node, NonFinitePolicy } from '../../src/ir/index.js';
import { numericType, toFloat64 } from './arrays.js';
import { readCells } from './categories.js';
import { type Estimator, isArray, unwrapScalar } from './estimator.js';
import { constant, elementwise } from './preprocessing.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

export const missingIndicator = 'sklearn.impute._base.MissingIndicator';

/** sklearn.impute */
export const imputeTable: LoweringTable = {
  'sklearn.impute._base.SimpleImputer': (imputer) =>
    withIndicator(imputer, lowerFill(imputer, imputer.features()), isObjects(imputer)),
  [missingIndicator]: lowerMissingIndicator,
};

/** The names that pandas 3 and pandas 2 give theirs. */
const pandasNA = ['pandas.NA', 'pandas._libs.missing.NA'];

/** What stands for a missing cell: a number, a string, or (null) a missing cell itself: NaN, None and pandas' NA. */
type Sign = number | string | null;

export function readMissing(estimator: Estimator): { sign: Sign; nonFinite: NonFinitePolicy } {
  const value = unwrapScalar(estimator.get('missing_values'));
  const absent =
    value === null ||
    (typeof value === 'object' && value.type === 'global' && pandasNA.includes(value.name));
  if (absent || Number.isNaN(value)) return { sign: null, nonFinite: 'nan' };
  if (typeof value === 'number' || typeof value === 'string')
    return { sign: value, nonFinite: 'refuse' };
  return estimator.refuse(
    'missing_values',
    `expected a number, a string or None, found ${describePython(value)}`,
  );
}

/** What fills in, and beside that, where an imputer is asked to add it, which cells were missing. */
export function withIndicator(imputer: Estimator, fillIn: Node, objects = false): Node {
  if (!imputer.flag('add_indicator')) return fillIn;
  const features = imputer.features();
  const indicator = imputer.child('indicator_', [missingIndicator]);
  const { mask, sparse, count } = maskOf(indicator, features, objects);
  if (count === 0) return fillIn;
  const parts = [fillIn, mask].map((node) => ({ columns: null, node }));
  return { kind: 'union', features, parts, sparse };
}

/** The imputer without its indicator. Columns that had no value in training are left out. */
function lowerFill(imputer: Estimator, features: number): Node {
  const { sign, nonFinite } = readMissing(imputer);
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
  const single = fillsSingle(imputer);
  const operations = (columns: Uint32Array): Arithmetic[] => {
    const operands = Float64Array.from(columns, (column) =>
      single ? Math.fround(Number(cells[column])) : Number(cells[column]),
    );
    const fill: Arithmetic = { operation: 'fill', operands, rounded: false };
    return typeof sign === 'number'
      ? [constant(imputer, 'void', sign, columns.length), fill]
      : [fill];
  };
  if (!isObjects(imputer)) {
    const all = elementwise(features, nonFinite, operations(Uint32Array.from(cells.keys())));
    if (kept.length === features) return all;
    // Every column is checked.
    return { kind: 'pipeline', steps: [all, { kind: 'select', features, columns: kept }] };
  }
  /** Objects: what numbers become is float64. A string is no missing number, nor a number a missing string. */
  const ofRun = (columns: Uint32Array): Node | null => {
    const found = Array.from(columns, (column) => cells[column]!);
    if (typeof found[0] === 'string') {
      const strings = found as string[];
      return typeof sign === 'number'
        ? null
        : { kind: 'impute', features: columns.length, missing: sign, strings };
    }
    const policy = nonFinite === 'nan' ? 'any' : nonFinite;
    const node = elementwise(
      columns.length,
      policy,
      typeof sign === 'string' ? [{ operation: 'positive' }] : operations(columns),
      'float64',
    );
    imputer.lowering.booleans.set(
      node,
      found.map((cell) => typeof cell === 'boolean'),
    );
    return node;
  };
  const runs: number[][] = [];
  kept.forEach((column, i) => {
    const last = i > 0 ? typeof cells[kept[i - 1]!] === 'string' : null;
    if ((typeof cells[column] === 'string') === last) runs[runs.length - 1]!.push(column);
    else runs.push([column]);
  });
  const parts = runs.map((run) => {
    const columns = Uint32Array.from(run);
    return { columns, node: ofRun(columns) };
  });
  const [{ columns, node }] = parts as [(typeof parts)[0]];
  if (node?.kind === 'impute' && columns.length === features) return node;
  return { kind: 'union', features, parts, sparse: false };
}

/** Whether the imputer was fitted on objects: strings, or numbers among strings. */
function isObjects(imputer: Estimator): boolean {
  const value = imputer.get('_fit_dtype');
  if (value === null || typeof value !== 'object' || value.type !== 'dtype')
    return imputer.refuse('_fit_dtype', `expected a dtype, found ${describePython(value)}`);
  return value.dtype === '|O';
}

/** From 1.8 the statistics are cast to the dtype that was fitted. */
export const fillsSingle = (imputer: Estimator): boolean =>
  imputer.since(1, 8) && fillType(imputer) === 'float32';

function fillType(imputer: Estimator): string | null {
  const value = imputer.get('_fill_dtype');
  return value !== null && typeof value === 'object' && value.type === 'dtype'
    ? numericType(value.dtype)
    : null;
}

function lowerMissingIndicator(indicator: Estimator): Node {
  return maskOf(indicator, indicator.features(), false).mask;
}

/** Which cells are missing: an encoder of columns with no category but that. */
export function maskOf(
  indicator: Estimator,
  features: number,
  objects: boolean,
): { mask: Node; sparse: boolean; count: number } {
  const { sign, nonFinite } = readMissing(indicator);
  const array = indicator.get('features_');
  const asked = isArray(array) ? toFloat64(array) : null;
  const ascend = asked?.every((column, i) => column > (asked[i - 1] ?? -1) && column < features);
  if (asked === null || !ascend)
    return indicator.refuse('features_', `expected ascending indices of ${features} columns`);
  indicator.make(features);
  const refusesOthers =
    asked.length < features &&
    indicator.text('features') === 'missing-only' &&
    indicator.flag('error_on_new');
  if (refusesOthers && typeof sign === 'string')
    indicator.refuse('error_on_new', 'is not supported where a string stands for a missing one');
  const option = unwrapScalar(indicator.get('sparse'));
  const sparse = option === 'auto' ? indicator.lowering.given.sparse : option === true;
  const steps: Node[] = [];
  // A mask is made of dense rows: sparse ones are given their zeros first.
  if (indicator.lowering.given.sparse)
    steps.push({ kind: 'union', features, parts: [{ columns: null, node: null }], sparse: false });
  // Numbers among objects are float64: others may have to be rounded before they are compared.
  const isVoid = typeof sign === 'number' && !objects;
  if (isVoid)
    steps.push(elementwise(features, nonFinite, [constant(indicator, 'void', sign, features)]));
  const known = isVoid ? null : sign;
  const inMask = new Set(asked);
  const columns = Array.from({ length: features }, (_, i): EncodeColumn => {
    const column = { strings: null, numbers: null, missing: true, unknown: true, values: null };
    if (!inMask.has(i)) {
      const marks = new Int32Array(refusesOthers ? 1 : 2).fill(-1);
      return { ...column, missing: !refusesOthers, width: 0, marks };
    }
    if (known === null) return { ...column, width: 1, marks: Int32Array.of(0, -1) };
    const values =
      typeof known === 'string' ? { strings: [known] } : { numbers: Float64Array.of(known) };
    return { ...column, ...values, width: 1, marks: Int32Array.of(0, -1, -1) };
  });
  steps.push({
    kind: 'encode',
    features,
    nonFinite: isVoid ? 'nan' : nonFinite,
    type: 'uint8',
    sparse,
    columns,
  });
  const mask = steps.length === 1 ? steps[0]! : { kind: 'pipeline' as const, steps };
  return { mask, sparse, count: asked.length };
}
