import type { ClassifierHead, Decision, EnsemblePart, Labels, Node } from '../../src/ir/index.js';
import { decisionColumns, headOf, labelCount } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { toFloat64 } from './arrays.js';
import { constants } from './dummy.js';
import { type Estimator, isArray, isObject, lowerEach, sequenceItems } from './estimator.js';
import { cast } from './isotonic.js';
import { assembleUnion } from './pipeline.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

const module = 'sklearn.multiclass';
const constantPredictor = `${module}._ConstantPredictor`;

/** sklearn.multiclass */
export const multiclassTable: LoweringTable = {
  [`${module}.OneVsRestClassifier`]: lowerOneVsRest,
  [`${module}.OneVsOneClassifier`]: lowerOneVsOne,
  [`${module}.OutputCodeClassifier`]: lowerOutputCode,
};

const usual = {
  kind: 'ensemble',
  weights: null,
  misses: null,
  divisor: null,
  folded: false,
  precision: null,
  decisions: null,
  transforms: false,
} as const;

const headFor = (
  labels: readonly Labels[],
  decide: Decision,
  decisionFunction: boolean,
  probability: ClassifierHead['probability'],
): ClassifierHead =>
  classifierHead(labels, {
    decide,
    probability,
    decisionFunction,
    // Probabilities of an estimator lie side by side.
    sums: 'sequential',
    logProbability: 'none',
  });

const featuresOf = (owner: Estimator) => owner.lowering.given.columns ?? owner.features();

/** One class of several against all others, one of two against the other, or each of several labels that a row may have. */
function lowerOneVsRest(owner: Estimator): Node {
  const binarizer = owner.child('label_binarizer_', [
    'sklearn.preprocessing._label.LabelBinarizer',
  ]);
  const labels = binarizer.labels(binarizer.get('classes_'), 'classes_');
  const kind = binarizer.text('y_type_');
  const classes = labelCount(labels);
  const several = kind === 'multiclass';
  const many = kind.startsWith('multilabel');
  const items = owner.items('estimators_');
  if (items.length !== (several || many ? classes : 1) || (!several && !many && classes !== 2))
    owner.refuse('estimators_', `expected one for each of ${classes} classes`);
  const parts = lowerEach(items, (item, i) => partOf(owner, item, i, null));
  const heads = parts.map(({ node }) => headOf(node)!);
  const own = heads.map((head) => (head.task === 'classifier' ? head : null));
  const decides = own.every((head) => head?.decisionFunction);
  const asked = own.every((head) => head?.probability);
  // scikit-learn asks the first estimator whether margins or probabilities are compared: a constant one has no margin.
  const [constant] = items.map(isConstant);
  const margins = own[0]?.decisionFunction && !constant;
  if (!several) {
    if (own.includes(null)) owner.refuse('estimators_', 'regressors of two classes each');
    if (constant && own.some((head, i) => head!.decisionFunction && !isConstant(items[i]!)))
      owner.refuse('estimators_[0]', 'is constant, and others have margins');
  }
  const single: Labels = { dtype: 'int64', values: Float64Array.of(0, 1) };
  const shares = owner.since(1, 7) ? 'normalize' : 'normalize-nan';
  const decide = several
    ? owner.since(1, 8)
      ? 'argmax'
      : 'argmaxLast'
    : margins
      ? 'positive'
      : 'probable';
  return {
    ...usual,
    features: featuresOf(owner),
    outputs: parts.length,
    parts,
    combine: 'one-vs-rest',
    head: {
      ...headFor(
        many ? Array.from(items, () => single) : [labels],
        decide,
        decides,
        asked ? (several ? shares : 'complement') : null,
      ),
      ...(many && asked && { seconds: true as const }),
    },
  };
}

const isConstant = (value: PyValue): boolean =>
  isObject(value) && value.className === constantPredictor;

/** A classifier of two classes, or a regressor, that has a margin. */
function partOf(
  owner: Estimator,
  value: PyValue,
  i: number,
  columns: Uint32Array | null,
): EnsemblePart<Node> {
  const place = `estimators_[${i}]`;
  const { given } = owner.lowering;
  if (isConstant(value)) {
    const constant = owner.part(value, place, [constantPredictor]);
    return { columns, node: lowerConstant(owner, constant), classes: null };
  }
  const seen = columns === null ? given : { ...given, columns: columns.length };
  const node = owner.lowerPart(value, place, seen);
  const head = headOf(node);
  const fits =
    head?.task === 'classifier'
      ? head.labels.length === 1 &&
        labelCount(head.labels[0]!) === 2 &&
        (head.decisionFunction ? decisionColumns(head) === 1 : head.probability !== null)
      : head?.task === 'regressor' && head.targets === 1;
  if (!fits) owner.refuse(place, 'has no margin of two classes');
  return { columns, node, classes: null };
}

/** The class that all rows of training had. */
function lowerConstant(owner: Estimator, constant: Estimator): Node {
  const { values } = constant.numbers('y_', 1);
  if (values.length !== 1 || ![0, 1].includes(values[0]!)) constant.refuse('y_', 'expected 0 or 1');
  const labels: Labels = { dtype: 'int64', values: Float64Array.of(0, 1) };
  const head = { ...headFor([labels], 'positive', true, 'complement'), sums: null };
  return {
    kind: 'pipeline',
    steps: [...constants(featuresOf(owner), [values[0]!]), { kind: 'scores', features: 1, head }],
  };
}

/** Votes of a classifier for each pair of classes. */
function lowerOneVsOne(owner: Estimator): Node {
  const labels = owner.labels(owner.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const items = owner.items('estimators_');
  if (classes < 2 || items.length !== (classes * (classes - 1)) / 2)
    owner.refuse('estimators_', `expected one for each pair of ${classes} classes`);
  const columns = readIndices(owner, items.length);
  const parts = lowerEach(items, (item, i) => {
    const part = partOf(owner, item, i, columns?.[i] ?? null);
    if (headOf(part.node)!.task !== 'classifier')
      owner.refuse(`estimators_[${i}]`, 'expected a classifier');
    return part;
  });
  const two = classes === 2;
  const head = headFor([labels], two ? 'positive' : 'argmax', true, null);
  const first = headOf(parts[0]!.node) as ClassifierHead;
  // Where probabilities are compared, one of less than a half leaves something of a vote.
  const threshold = {
    of: 'decision_function',
    positive: 1,
    value: Float64Array.of(0.5),
  } as const;
  return {
    ...usual,
    features: featuresOf(owner),
    outputs: two ? 1 : classes,
    parts,
    combine: 'one-vs-one',
    head: {
      ...head,
      sums: null,
      logProbability: null,
      ...(two && !first.decisionFunction && { threshold }),
    },
  };
}

/** The columns of a precomputed kernel that each estimator sees; null where all see all. */
function readIndices(owner: Estimator, count: number): Uint32Array[] | null {
  const value = owner.maybe('pairwise_indices_');
  if (value === null) return null;
  const features = featuresOf(owner);
  const all = (sequenceItems(value) ?? []).map((item) => (isArray(item) ? toFloat64(item) : null));
  const known = all.every((indices) => indices?.every((i) => i >= 0 && i < features));
  return known && all.length === count
    ? all.map((indices) => Uint32Array.from(indices!))
    : owner.refuse('pairwise_indices_', `expected columns, found ${describePython(value)}`);
}

/** The class whose code lies nearest to the margins. */
function lowerOutputCode(owner: Estimator): Node {
  const labels = owner.labels(owner.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const items = owner.items('estimators_');
  const { values: codes, shape } = owner.numbers('code_book_', 2);
  if (shape[0] !== classes || shape[1] !== items.length || items.length === 0)
    owner.refuse('code_book_', `expected a code of ${items.length} cells for each class`);
  if (!codes.every(Number.isFinite)) owner.refuse('code_book_', 'expected finite numbers');
  const features = featuresOf(owner);
  const parts = lowerEach(items, (item, i) => ({
    columns: null,
    node: isConstant(item)
      ? sameMargin(features, owner.part(item, `estimators_[${i}]`, [constantPredictor]))
      : marginOf(owner, item, i),
  }));
  return {
    kind: 'pipeline',
    steps: [
      assembleUnion(owner, parts, false),
      cast(parts.length, 'float64'),
      {
        kind: 'kernel',
        features: parts.length,
        nonFinite: 'refuse',
        references: codes,
        steps: ['squared-distance'],
        operands: new Float64Array(0),
        diagonal: false,
      },
      {
        kind: 'scores',
        features: classes,
        head: { ...headFor([labels], 'argmin', false, null), sums: null, logProbability: null },
      },
    ],
  };
}

/** What a classifier says for the second of its classes, as a column. */
function marginOf(owner: Estimator, item: PyValue, i: number): Node {
  const { node } = partOf(owner, item, i, null);
  const head = headOf(node)!;
  if (head.task !== 'classifier') return owner.refuse(`estimators_[${i}]`, 'expected a classifier');
  const features = featuresOf(owner);
  return head.decisionFunction
    ? { kind: 'answers', features, node, method: 'decision_function', skip: 0 }
    : { kind: 'answers', features, node, method: 'predict_proba', skip: 1 };
}

/** Of a code's cell that all classes of training had alike. */
function sameMargin(features: number, constant: Estimator): Node {
  const { values } = constant.numbers('y_', 1);
  if (values.length !== 1 || !Number.isFinite(values[0]))
    constant.refuse('y_', 'expected one number');
  return { kind: 'pipeline', steps: constants(features, [values[0]!]) };
}
