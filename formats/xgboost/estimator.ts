import type { Labels } from '../../src/ir/index.js';
import { type Json, type JsonMap, malformed, own } from '../json/json.js';
import { parseDocument } from '../json/parse.js';
import type { Classes } from './classifier.js';

/** What a file says of the estimator for scikit-learn that wrote it. */
export interface SavedEstimator {
  readonly className: string;
  /** Of a classifier. */
  readonly classes: Classes | null;
  /** What it takes for missing beside NaN; null for nothing. */
  readonly missing: unknown;
  readonly inPlace: boolean;
}

const key = 'scikit_learn';
const path = `learner.attributes.${key}`;

/** Reads that of a file's attributes, which is JSON; null where a booster wrote the file. */
export function readEstimator(attributes: ReadonlyMap<string, string>): SavedEstimator | null {
  const text = attributes.get(key);
  if (text === undefined) return null;
  const said = parseDocument(new TextEncoder().encode(text), 'python');
  const type = own(said, 'type');
  // Before 1.4 a name said what it was, from 2.0 on nothing else is said.
  const isClassifier =
    own(said, '_estimator_type') === 'classifier' ||
    (typeof type === 'string' && /Classifier$/.test(type));
  const predictor = own(said, 'predictor') ?? null;
  return {
    className: typeof type === 'string' ? type : isClassifier ? 'XGBClassifier' : 'XGBModel',
    classes: isClassifier ? readClasses(said) : null,
    missing: own(said, 'missing') ?? null,
    inPlace: predictor === null || predictor === 'auto',
  };
}

function readClasses(said: JsonMap): Classes {
  const count = own(said, 'n_classes_') ?? null;
  if (count !== null && typeof count !== 'number')
    throw malformed(path, 'expected a number as n_classes_');
  const encoder = own(said, '_le') ?? null;
  const isMap = encoder !== null && typeof encoder === 'object' && !Array.isArray(encoder);
  return { count, labels: isMap ? labelsOf(own(encoder, 'classes_')) : null };
}

function labelsOf(classes: Json | undefined): Labels {
  const list = Array.isArray(classes) ? classes : [];
  if (list.every((one) => typeof one === 'string')) return { dtype: 'str', values: list };
  if (list.every((one) => typeof one === 'number'))
    return { dtype: 'int64', values: Float64Array.from(list) };
  throw malformed(path, 'expected strings or numbers as classes_');
}
