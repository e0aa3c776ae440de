import type { Node, NonFinitePolicy, Pipeline } from '../../src/ir/index.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import { elementwise } from './preprocessing.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.feature_selection: selectors that look at columns one by one */
export const featureSelectionTable: LoweringTable = {
  'sklearn.feature_selection._variance_threshold.VarianceThreshold': lowerVarianceThreshold,
  'sklearn.feature_selection._univariate_selection.SelectKBest': (selector) =>
    lowerSelector(selector, 'k_best', 'k'),
  'sklearn.feature_selection._univariate_selection.SelectPercentile': (selector) =>
    lowerSelector(selector, 'percentile', 'percentile'),
  'sklearn.feature_selection._univariate_selection.SelectFpr': (selector) =>
    lowerSelector(selector, 'fpr', 'alpha'),
  'sklearn.feature_selection._univariate_selection.SelectFdr': (selector) =>
    lowerSelector(selector, 'fdr', 'alpha'),
  'sklearn.feature_selection._univariate_selection.SelectFwe': (selector) =>
    lowerSelector(selector, 'fwe', 'alpha'),
  'sklearn.feature_selection._univariate_selection.GenericUnivariateSelect': (selector) =>
    lowerSelector(selector, selector.text('mode'), 'param'),
};

/** Chosen columns, after the check that all of them pass. */
export function select(
  selector: Estimator,
  chosen: (column: number) => boolean,
  nonFinite: NonFinitePolicy,
  features = selector.features(),
): Pipeline<Node> {
  const columns = Array.from({ length: features }, (_, i) => i).filter(chosen);
  if (columns.length === 0) selector.refuse('', 'selects no column');
  return {
    kind: 'pipeline',
    steps: [
      elementwise(features, keepsFrames(selector) ? 'any' : nonFinite, []),
      { kind: 'select', features, columns: Uint32Array.from(columns) },
    ],
  };
}

/** Where pandas output is configured, a DataFrame is not even looked at, but its columns chosen. */
function keepsFrames(selector: Estimator): boolean {
  const config = selector.maybe('_sklearn_output_config');
  if (config === null || typeof config !== 'object' || config.type !== 'dict') return false;
  const transform = config.entries.find(([key]) => key === 'transform')?.[1];
  return transform === 'pandas' && selector.has('feature_names_in_');
}

/** An attribute [features] of numbers, and whether they are float32. */
function readScores(
  selector: Estimator,
  attribute: string,
): { values: Float64Array; single: boolean } {
  const { values } = selector.numbers(attribute, 1);
  const features = selector.features();
  if (values.length !== features)
    selector.refuse(attribute, `expected ${features} numbers, found ${values.length}`);
  return { values, single: selector.array(attribute).dtype === '<f4' };
}

function lowerVarianceThreshold(selector: Estimator): Node {
  const { values } = readScores(selector, 'variances_');
  const threshold = selector.number('threshold');
  return select(selector, (i) => values[i]! > threshold, 'any');
}

function lowerSelector(selector: Estimator, mode: string, parameter: string): Node {
  const modes = { k_best: best, percentile, fpr, fdr, fwe };
  if (!Object.hasOwn(modes, mode)) return selector.refuse('mode', `unknown mode ${mode}`);
  const chosen = modes[mode as keyof typeof modes](selector, parameter);
  return select(selector, chosen, 'refuse');
}

type Chosen = (column: number) => boolean;

function all(): boolean {
  return true;
}

/** Scores with the lowest number of their dtype for NaN. */
function readCleanScores(selector: Estimator): { values: Float64Array; single: boolean } {
  const { values, single } = readScores(selector, 'scores_');
  const lowest = single ? -(2 - 2 ** -23) * 2 ** 127 : -Number.MAX_VALUE;
  return { values: values.map((score) => (Number.isNaN(score) ? lowest : score)), single };
}

/** The `k` last of a stable order by score. */
function best(selector: Estimator, parameter: string): Chosen {
  const k = unwrapScalar(selector.get(parameter));
  if (k === 'all') return all;
  if (typeof k !== 'number' || !Number.isSafeInteger(k) || k < 0)
    return selector.refuse(parameter, `expected an integer or "all", found ${describePython(k)}`);
  const { values } = readCleanScores(selector);
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const chosen = new Set(order.slice(Math.max(0, order.length - k)));
  return (i) => chosen.has(i);
}

function percentile(selector: Estimator, parameter: string): Chosen {
  const percent = selector.number(parameter);
  if (percent === 100) return all;
  if (percent === 0) return () => false;
  const { values, single } = readCleanScores(selector);
  const chosen = abovePercentile(values, percent, (value) => value);
  // numpy 2 interpolates between float32 scores in float32, numpy 1 in float64.
  if (single) {
    const other = abovePercentile(values, percent, Math.fround);
    if (values.some((_, i) => chosen.has(i) !== other.has(i)))
      selector.refuse('scores_', 'float32 scores of which numpy 1 and 2 choose different ones');
  }
  return (i) => chosen.has(i);
}

/** Columns above numpy's linearly interpolated percentile, and as many of those on it as there is room for. */
function abovePercentile(
  scores: Float64Array,
  percent: number,
  round: (value: number) => number,
): Set<number> {
  const sorted = scores.slice().sort();
  const position = (sorted.length - 1) * ((100 - percent) / 100);
  const before = Math.floor(position);
  const low = sorted[before]!;
  const high = sorted[Math.min(before + 1, sorted.length - 1)]!;
  const weight = position - before;
  const difference = round(high - low);
  const threshold =
    weight >= 0.5
      ? round(high - round(difference * round(1 - weight)))
      : round(low + round(difference * round(weight)));
  const columns = Array.from(scores.keys());
  const chosen = new Set(columns.filter((i) => scores[i]! > threshold));
  const room = Math.trunc((scores.length * percent) / 100) - chosen.size;
  const ties = columns.filter((i) => scores[i] === threshold);
  // A negative end of a slice counts from the end, in Python as here.
  for (const i of ties.slice(0, room)) chosen.add(i);
  return chosen;
}

function readPValues(selector: Estimator): { values: Float64Array; single: boolean } {
  if (selector.get('pvalues_') === null)
    selector.refuse('pvalues_', 'expected an array; does the score function give p-values?');
  return readScores(selector, 'pvalues_');
}

/** p-values below a Python float, which float32 ones meet rounded. */
function below(selector: Estimator, limit: (count: number) => number): Chosen {
  const { values, single } = readPValues(selector);
  const bound = single ? Math.fround(limit(values.length)) : limit(values.length);
  return (i) => values[i]! < bound;
}

function fpr(selector: Estimator, parameter: string): Chosen {
  const alpha = selector.number(parameter);
  return below(selector, () => alpha);
}

function fwe(selector: Estimator, parameter: string): Chosen {
  const alpha = selector.number(parameter);
  return below(selector, (count) => alpha / count);
}

/** Benjamini and Hochberg: p-values up to the largest that is not above its share of alpha. */
function fdr(selector: Estimator, parameter: string): Chosen {
  const { values } = readPValues(selector);
  const step = selector.number(parameter) / values.length;
  const largest = values
    .slice()
    .sort()
    .findLast((value, i) => value <= step * (i + 1));
  return (i) => largest !== undefined && values[i]! <= largest;
}
