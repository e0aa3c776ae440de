import type {
  AnswerMethod,
  ClassifierHead,
  Node,
  RegressorHead,
  UnionPart,
} from '../../src/ir/index.js';
import { classCount, headColumns, headOf, labelCount } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray, lowerEach, sequenceItems, unwrapScalar } from './estimator.js';
import { withoutOtherMethods } from './linear-model.js';
import { lowerMember } from './members.js';
import { elementwise } from './preprocessing.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

export const multioutputClasses = {
  classifier: 'sklearn.multioutput.MultiOutputClassifier',
  regressor: 'sklearn.multioutput.MultiOutputRegressor',
  classifierChain: 'sklearn.multioutput.ClassifierChain',
  regressorChain: 'sklearn.multioutput.RegressorChain',
} as const;

/** sklearn.multioutput */
export const multioutputTable: LoweringTable = {
  [multioutputClasses.classifier]: lowerClassifiers,
  [multioutputClasses.regressor]: lowerRegressors,
  [multioutputClasses.classifierChain]: lowerClassifierChain,
  [multioutputClasses.regressorChain]: lowerRegressorChain,
};

/** What an estimator answers, given the first `features` columns. */
const answersOf = (node: Node, features: number, method: AnswerMethod, skip = 0): Node => ({
  kind: 'answers',
  features,
  node,
  method,
  skip,
});

function widthOf(owner: Estimator): number {
  return owner.lowering.given.columns ?? owner.features();
}

/** Regressors of one target each, side by side. */
function lowerRegressors(owner: Estimator): Node {
  const features = widthOf(owner);
  const parts = lowerMembers(owner, 'regressor').map((node, i): UnionPart<Node> => {
    if (headColumns(headOf(node)!) !== 1) owner.refuse(`estimators_[${i}]`, 'has several targets');
    return { columns: null, node: answersOf(node, features, 'predict') };
  });
  return {
    kind: 'pipeline',
    steps: [
      { kind: 'union', features, parts, sparse: false },
      { kind: 'scores', features: parts.length, head: regressorHead(parts.length) },
    ],
  };
}

const regressorHead = (targets: number): RegressorHead => ({
  task: 'regressor',
  targets,
  flat: false,
  link: 'identity',
});

/** Classifiers of one output each: their scores side by side, each read as its own head says. */
function lowerClassifiers(owner: Estimator): Node {
  const features = widthOf(owner);
  const nodes = lowerMembers(owner, 'classifier');
  const heads = nodes.map((node, i) => singleHead(owner, node, i));
  const isProbable = heads.every(({ probability }) => probability !== null);
  const head = joinHeads(owner, heads, isProbable);
  return {
    kind: 'pipeline',
    steps: [
      {
        kind: 'union',
        features,
        parts: nodes.map((node) => ({ columns: null, node: answersOf(node, features, 'raw') })),
        sparse: false,
      },
      { kind: 'scores', features: headColumns(head), head },
    ],
  };
}

const lowerMembers = (owner: Estimator, task: 'classifier' | 'regressor'): Node[] => {
  const members = owner.items('estimators_');
  if (members.length === 0) owner.refuse('estimators_', 'expected at least one estimator');
  return lowerEach(members, (member, i) => {
    const place = `estimators_[${i}]`;
    return withoutOtherMethods(lowerMember(owner, member, place, owner.lowering.given, task));
  });
};

/** The head of a classifier whose scores alone say what it answers. */
function singleHead(owner: Estimator, node: Node, i: number): ClassifierHead {
  const head = headOf(node) as ClassifierHead;
  if (head.labels.length !== 1 || head.decisionOffset || head.probability === 'own')
    owner.refuse(`estimators_[${i}]`, 'has several outputs, or answers by more than its scores');
  return head;
}

/** One head for outputs that were read by these; `isProbable`: whether it offers probabilities. */
function joinHeads(
  owner: Estimator,
  heads: readonly ClassifierHead[],
  isProbable: boolean,
): ClassifierHead {
  if (!isProbable && heads.some(({ decide }) => decide === 'probable'))
    owner.refuse('estimators_', 'decide by probabilities, which are not offered');
  const each = heads.map(({ decide, probability, sums }) => ({
    decide,
    probability: isProbable ? probability : null,
    sums,
  }));
  return classifierHead(
    heads.flatMap(({ labels }) => labels),
    { ...each[0]!, logProbability: isProbable ? 'none' : null, each },
  );
}

/** Each estimator sees the columns, which are float64 then, and what those before it predict. */
function lowerRegressorChain(chain: Estimator): Node {
  const features = widthOf(chain);
  const { sparse } = chain.lowering.given;
  const order = readOrder(chain);
  const steps: Node[] = [floats(features)];
  lowerEach(chain.items('estimators_'), (member, i) => {
    const width = features + i;
    const given = { columns: width, sparse, small: false, zeros: sparse };
    const node = lowerMember(chain, member, `estimators_[${i}]`, given, 'regressor');
    if (headColumns(headOf(node)!) !== 1) chain.refuse(`estimators_[${i}]`, 'has several targets');
    steps.push({
      kind: 'union',
      features: width,
      parts: [
        { columns: null, node: null },
        { columns: null, node: answersOf(withoutOtherMethods(node), width, 'predict') },
      ],
      sparse,
    });
  });
  const columns = order.map((place) => features + place);
  steps.push(chosen(features + order.length, columns));
  return {
    kind: 'pipeline',
    steps: [
      ...steps,
      { kind: 'scores', features: order.length, head: regressorHead(order.length) },
    ],
  };
}

/** As hstack makes of rows and float64 predictions; what is not finite is refused. */
const floats = (features: number): Node =>
  elementwise(features, 'refuse', [{ operation: 'positive' }], 'float64');

/** Columns as a dense matrix. */
const chosen = (features: number, columns: readonly number[]): Node => ({
  kind: 'union',
  features,
  parts: [{ columns: Uint32Array.from(columns), node: null }],
  sparse: false,
});

/** For each output, which of the chain's estimators answers for it. */
function readOrder(chain: Estimator): number[] {
  const value = chain.get('order_');
  const numbers = isArray(value) ? toFloat64(value) : sequenceItems(value)?.map(unwrapScalar);
  const order = Array.from((numbers ?? []) as ArrayLike<unknown>);
  const count = chain.items('estimators_').length;
  const placeOf = new Map(order.map((output, place) => [output, place]));
  const places = Array.from({ length: count }, (_, output) => placeOf.get(output) ?? -1);
  return count > 0 && order.length === count && !places.includes(-1)
    ? places
    : chain.refuse(
        'order_',
        `expected an order of ${count} outputs, found ${describePython(value)}`,
      );
}

/**
 * Each estimator sees the columns, which are float64 then, and what a method of those before it answers. The scores of all are kept behind: what they
 * say in the end is read from them.
 */
function lowerClassifierChain(chain: Estimator): Node {
  const features = widthOf(chain);
  const { sparse } = chain.lowering.given;
  const order = readOrder(chain);
  const method = readMethod(chain);
  const steps: Node[] = [floats(features)];
  const heads: ClassifierHead[] = [];
  /** Where the scores of each begin behind the columns that estimators see. */
  const starts = [0];
  lowerEach(chain.items('estimators_'), (member, i) => {
    const place = `estimators_[${i}]`;
    const seen = features + i;
    const given = { columns: seen, sparse, small: false, zeros: sparse };
    const node = withoutOtherMethods(lowerMember(chain, member, place, given, 'classifier'));
    const head = singleHead(chain, node, i);
    const numeric = typeof head.labels[0]!.values[0] === 'number';
    if (!numeric || head.folded || hasOwnDecisions(node))
      chain.refuse(place, 'is not supported in a chain');
    const kept = starts[i]!;
    const count = headColumns(head);
    steps.push({
      kind: 'union',
      features: seen + kept,
      parts: [
        { columns: null, node: null },
        { columns: range(0, seen), node: answersOf(node, seen, 'raw') },
      ],
      sparse,
    });
    if (i < order.length - 1) {
      const answer = answerOf(chain, place, head, method);
      steps.push({
        kind: 'union',
        features: seen + kept + count,
        parts: [
          { columns: range(0, seen), node: null },
          { columns: range(seen + kept, count), node: sparse ? onDense(answer, count) : answer },
          { columns: range(seen, kept + count), node: null },
        ],
        sparse,
      });
    }
    heads.push(head);
    starts.push(kept + count);
  });
  const first = features + order.length - 1;
  const columns = order.flatMap((place) => [
    ...range(first + starts[place]!, headColumns(heads[place]!)),
  ]);
  const head = chainHead(
    chain,
    order.map((place) => heads[place]!),
  );
  steps.push(chosen(first + starts[order.length]!, columns), {
    kind: 'scores',
    features: columns.length,
    head,
  });
  return { kind: 'pipeline', steps };
}

const range = (first: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => first + i);

const onDense = (node: Node, features: number): Node => ({
  kind: 'pipeline',
  steps: [chosen(features, [...range(0, features)]), node],
});

/** Whether an ensemble's margins are no scores. */
function hasOwnDecisions(node: Node): boolean {
  if (node.kind === 'pipeline') return hasOwnDecisions(node.steps[node.steps.length - 1]!);
  return node.kind === 'ensemble' && node.decisions !== null;
}

const chainMethods = [
  'predict',
  'predict_proba',
  'decision_function',
  'predict_log_proba',
] as const;
type ChainMethod = (typeof chainMethods)[number];

/** A parameter since 1.5. */
function readMethod(chain: Estimator): ChainMethod {
  if (!chain.since(1, 5)) return 'predict';
  const value = chain.text('chain_method_');
  return (
    chainMethods.find((method) => method === value) ??
    chain.refuse('chain_method_', `expected one of ${chainMethods.join(', ')}`)
  );
}

/** What estimators later in the chain see of one's scores: of probabilities, the second class's. */
function answerOf(
  chain: Estimator,
  place: string,
  head: ClassifierHead,
  method: ChainMethod,
): Node {
  const { probability, decisionFunction, logProbability } = head;
  const features = headColumns(head);
  const scores: Node = { kind: 'scores', features, head: { ...head, logProbability: null } };
  if (method === 'predict') return answersOf(scores, features, method);
  const isOne = classCount(head) === 2;
  if (method === 'decision_function')
    return decisionFunction && features === 1
      ? answersOf(scores, features, method)
      : chain.refuse(place, 'has no single margin');
  if (!isOne || probability === null) return chain.refuse(place, 'has no probability of one class');
  const second = answersOf(scores, features, 'predict_proba', 1);
  if (method === 'predict_proba') return second;
  if (logProbability !== null)
    return chain.refuse(place, 'has logarithms of probabilities of its own');
  return { kind: 'pipeline', steps: [second, elementwise(1, 'any', [{ operation: 'log' }])] };
}

/** Labels are float64; probabilities and margins are of two classes each. */
function chainHead(chain: Estimator, heads: readonly ClassifierHead[]): ClassifierHead {
  // Since 1.5 it is an error where an output has more classes than two; before, the second was taken.
  const isProbable = heads.every(({ labels: [labels], probability }) => {
    const classes = labelCount(labels!);
    return probability !== null && (chain.since(1, 5) ? classes === 2 : classes > 1);
  });
  const head = joinHeads(chain, heads, isProbable);
  return {
    ...head,
    labels: head.labels.map(({ values }) => ({
      dtype: 'float64',
      values: Float64Array.from(values as ArrayLike<number>),
    })),
    decisionFunction: heads.every((own) => own.decisionFunction && headColumns(own) === 1),
    logProbability: isProbable && !chain.since(1, 5) ? 'none' : null,
    ...(isProbable && { seconds: true as const }),
  };
}
