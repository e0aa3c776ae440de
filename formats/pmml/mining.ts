import { narrowest } from '../../src/ir/fields.js';
import {
  type Combination,
  type Ensemble,
  type Head,
  labelCount,
  type Node,
} from '../../src/ir/index.js';
import { type LowerModel, lowerChain } from './chain.js';
import { Classes } from './classes.js';
import { calculated, groupOf } from './column.js';
import type { DataField } from './data-dictionary.js';
import type { Lowering } from './lowering.js';
import { modelIn, modelScope } from './model-scope.js';
import { predicateOf } from './predicates.js';
import { nodeOf, type Prediction } from './prediction.js';
import {
  all,
  childOf,
  childrenOf,
  isSingle,
  neededChild,
  numberOf,
  refuseAt,
  wordOf,
} from './reading.js';
import type { Scope } from './scope.js';
import {
  classesOf,
  distributions,
  numbers,
  plant,
  readTree,
  type Sums,
  votes,
} from './tree-model.js';
import { attribute, type Element } from './xml.js';

const methods = [
  ...(['majorityVote', 'weightedMajorityVote', 'average', 'weightedAverage', 'median'] as const),
  ...(['sum', 'weightedSum', 'x-weightedSum', 'modelChain', 'selectFirst'] as const),
] as const;
type Method = (typeof methods)[number];

/** MiningModel: models one after another, or side by side. */
export function lowerMining(
  lowering: Lowering,
  scope: Scope,
  model: Element,
  target: DataField | null,
  plus: number,
  lower: LowerModel,
): Prediction {
  const task = wordOf(lowering, model, 'functionName', ['regression', 'classification']);
  const segmentation = neededChild(lowering, model, 'Segmentation');
  const method = wordOf(lowering, segmentation, 'multipleModelMethod', methods);
  const segments = childrenOf(segmentation, 'Segment').filter((segment) => {
    const { name } = predicateOf(lowering, segment);
    if (name !== 'True' && name !== 'False')
      refuseAt(lowering, segment, 'segments for some rows alone are not supported');
    return name === 'True';
  });
  if (segments.length === 0) return refuseAt(lowering, segmentation, 'expected segments in it');
  if (method === 'modelChain') return lowerChain(lowering, scope, segments, target, lower);
  if (method === 'selectFirst')
    return lower(lowering, scope, modelIn(lowering, segments[0]!), target);
  const models = segments.map((segment) => modelIn(lowering, segment));
  for (const one of models)
    if (attribute(one, 'functionName') !== task)
      refuseAt(lowering, one, `expected functionName ${task}, as around it`);
  const isWeighted = method.toLowerCase().includes('weighted');
  const weights = isWeighted
    ? segments.map((segment) => numberOf(lowering, segment, 'weight', 1))
    : null;
  const of = { lowering, scope, model, target, method, models, weights, plus, lower };
  const areTrees = models.every((one) => one.name === 'TreeModel' && !childOf(one, 'Targets'));
  if (areTrees && method !== 'median')
    return task === 'regression' ? treesOfNumbers(of) : treesOfClasses(of);
  return sideBySide(of);
}

interface Segments {
  readonly lowering: Lowering;
  readonly scope: Scope;
  readonly model: Element;
  readonly target: DataField | null;
  readonly method: Method;
  readonly models: readonly Element[];
  readonly weights: readonly number[] | null;
  /** What is added to a sum. */
  readonly plus: number;
  readonly lower: LowerModel;
}

/** What sums are divided by; null for sums. */
function divisorOf({ method, weights, models }: Segments): number | null {
  if (/sum$/i.test(method)) return null;
  return weights ? weights.reduce((sum, weight) => sum + weight, 0) : models.length;
}

function treesOfNumbers(of: Segments): Prediction {
  const { lowering, model, models, weights, method, plus } = of;
  if (method.endsWith('Vote')) refuseAt(lowering, model, `${method} of numbers`);
  const single = isSingle(lowering, model);
  for (const one of models)
    if (isSingle(lowering, one) !== single)
      refuseAt(lowering, one, 'expected the x-mathContext that is around it');
  const divisor = divisorOf(of);
  if (single && (divisor !== null || weights))
    refuseAt(lowering, model, `${method} in float32 is not supported`);
  const sums: Sums = { outputs: 1, treeOutputs: null, base: 0, weights, divisor, single };
  const [column] = plant(
    lowering,
    models.map(
      (one) => (gaps) => readTree(lowering, scopeOf(of, one), one, numbers(lowering, single), gaps),
    ),
    sums,
    single ? Math.fround(plus) : plus,
  );
  return { task: 'regression', column: column!, link: 'identity' };
}

const scopeOf = ({ scope, lowering }: Segments, model: Element): Scope =>
  modelScope(lowering, scope, model);

function treesOfClasses(of: Segments): Prediction {
  const { lowering, model, models, weights, method, target } = of;
  const voting = method.endsWith('ajorityVote');
  if (!voting && method !== 'average' && method !== 'weightedAverage')
    refuseAt(lowering, model, `${method} of classes is not supported`);
  const classes = classesOf(lowering, target, models);
  const valuesOf = voting ? votes(classes) : distributions(lowering, classes);
  const divisor = divisorOf(of)!;
  const sums: Sums = {
    ...{ outputs: classes.count, treeOutputs: null, base: 0, weights, divisor },
    single: false,
  };
  const scores = plant(
    lowering,
    models.map((one) => (gaps) => {
      if (isSingle(lowering, one)) refuseAt(lowering, one, 'classes in float32 are not supported');
      return readTree(lowering, scopeOf(of, one), one, valuesOf, gaps);
    }),
    sums,
  );
  const labels = classes.labels();
  return {
    task: 'classification',
    labels,
    scores,
    decide: 'argmax',
    probability: 'identity',
    threshold: null,
    chooser: null,
  };
}

/** Models of any kind: each is a part that answers by itself. */
function sideBySide(of: Segments): Prediction {
  const { lowering, scope, model, target, method, models, weights, plus, lower } = of;
  if (isSingle(lowering, model)) refuseAt(lowering, model, `${method} in float32 is not supported`);
  const predictions = all(lowering, models, (one) => lower(lowering, scope, one, target));
  const [first] = predictions;
  const divisor = divisorOf(of);
  const combine: Combination =
    method === 'median' ? 'median' : method.endsWith('Vote') ? 'vote' : 'mean';
  if (combine === 'median' && predictions.length % 2 === 0)
    refuseAt(lowering, model, 'the median of an even number of models is not supported');
  const isOfClasses = first!.task === 'classification';
  if (isOfClasses !== (combine === 'vote') && combine !== 'mean')
    refuseAt(lowering, model, `${method} is not supported of ${first!.task}`);
  const classes = isOfClasses ? new Classes(lowering, target) : null;
  const labels = first!.task === 'classification' ? first!.labels : null;
  if (labels && (divisor === null || classes!.count !== labelCount(labels)))
    refuseAt(lowering, model, `${method} of classes is not supported`);
  const outputs = labels ? labelCount(labels) : 1;
  const make = (_: readonly number[], features: number, head: Head | null): Node => {
    const ensemble: Ensemble<Node> = {
      kind: 'ensemble',
      features,
      outputs,
      combine,
      parts: predictions.map((prediction) => ({
        columns: null,
        node: nodeOf(lowering, prediction),
        classes:
          prediction.task === 'classification'
            ? narrowest(placesIn(prediction.labels.values, labels!.values))
            : null,
      })),
      weights: weights && Float64Array.from(weights),
      misses: null,
      divisor: divisor === null || combine === 'median' ? null : Float64Array.of(divisor),
      folded: false,
      precision: 'float64',
      decisions: null,
      transforms: false,
      head: head ?? { task: 'regressor', targets: outputs, flat: outputs === 1, link: 'identity' },
    };
    return head ? ensemble : { kind: 'answers', features, node: ensemble, method: 'raw', skip: 0 };
  };
  const cost = 1000 * predictions.length;
  const facts = { columns: null, make, answers: true, width: outputs, cost };
  const columns = groupOf(lowering, facts, 'double');
  if (!labels) {
    const [sum] = columns;
    const column = plus === 0 ? sum! : calculated(sum!, 'add', plus);
    return { task: 'regression', column, link: 'identity' };
  }
  const probability = 'identity';
  return {
    task: 'classification',
    labels,
    scores: columns,
    decide: 'argmax',
    probability,
    threshold: null,
    chooser: null,
  };
}

const placesIn = (
  values: ArrayLike<string | number>,
  all: ArrayLike<string | number>,
): number[] => {
  const places = new Map(Array.from(all, (value, i) => [value, i]));
  return Array.from(values, (value) => places.get(value)!);
};
