import type { ClassifierHead, Head, Labels, Node, Pipeline } from '../../src/ir/index.js';
import {
  type Choice,
  type Columns,
  classifierHead,
  elementwise,
  followed,
  positions,
  product,
  regressorHead,
  shapeOf,
  stepsOf,
  type Value,
} from './columns.js';
import type { GraphColumns } from './graph.js';
import type { OnnxModel } from './model.js';
import type { Lowering } from './operator.js';

type Given = GraphColumns['columns'];
type Refuse = (message: string) => null;

/** What the graph answers: a label and what it was chosen by, or numbers. */
export function lowerOutputs(
  { graph: { outputs } }: OnnxModel,
  { values, failed, problems }: Lowering,
  given: GraphColumns,
): Node | null {
  const found = outputs.map((name) => values.get(name));
  if (outputs.some((name) => failed.has(name))) return null;
  const refuse = (message: string) => {
    problems.push({ path: 'graph.output', message });
    return null;
  };
  if (given.columns.length === 0) return refuse('of a graph without inputs');
  if (found.some((value) => value === undefined)) return refuse('of no operator');
  const known = found as readonly Value[];
  const choices = known.filter((value) => value.kind === 'choice');
  const columns = known.filter((value) => value.kind === 'columns');
  if (choices.length + columns.length !== known.length || known.length > 2)
    return refuse('other outputs than a label and numbers are not supported');
  if (columns.some((value) => !areRows(value)))
    return refuse('numbers of another shape than rows are not supported');
  const [choice] = choices;
  const [numbers] = columns;
  const total = given.columns;
  if (choice && choices.length === 1) return classifier(choice, numbers ?? null, total, refuse);
  if (!numbers || choice || columns.length > 1)
    return refuse('two matrices or two labels are not supported');
  if (numbers.predicts) return answering(numbers, regressorHead(numbers.width), total);
  return pipeline([...selection(numbers, total), ...stepsOf(numbers)], numbers);
}

/** A classifier of what is chosen, and the numbers beside it: probabilities, or else decisions. */
function classifier(
  { scores, decide, labels: own }: Choice,
  numbers: Columns | null,
  given: Given,
  refuse: Refuse,
): Node | null {
  const isPair = decide === 'positive' || decide === 'nonNegative';
  const classes = isPair ? 2 : scores.width;
  const labels = own ?? positions(classes);
  const head = classifierHead(labels, decide, null);
  if (!numbers) return answering(scores, { ...head, decisionFunction: false }, given);
  // The nearest, and how far all are.
  if (decide === 'argmin') {
    const nearest = answering(scores, { ...head, decisionFunction: false }, given);
    const beside = inOne([...selection(numbers, given), ...stepsOf(numbers)]);
    return nearest.kind === 'pipeline'
      ? { ...nearest, beside }
      : { kind: 'pipeline', steps: [nearest], beside };
  }
  const chosen = { columns: scores, head: { ...head, decisionFunction: false } };
  const { link } = numbers;
  // Decisions of two classes are one number, that of the second.
  if (link?.probability === 'margins') {
    const isOwn = link.of === scores || numbers === scores;
    const decisions = classifierHead(labels, link.of === scores ? decide : 'positive', null);
    return isOwn
      ? answering(link.of, decisions, given)
      : choosing({ columns: link.of, head: decisions }, chosen, given);
  }
  if (link?.probability === 'pairs' && link.of === scores)
    return answering(scores, { ...head, pairs: true }, given);
  const isProbability = numbers.range !== undefined;
  if (numbers === scores && !isProbability && (classes > 2 || scores.width === 1))
    return answering(scores, head, given);
  if (link?.of === scores && link.probability !== 'pairs')
    return answering(scores, classifierHead(labels, decide, link.probability), given);
  if (isPair && numbers.width === 1 && scores.type === 'boolean')
    return decided(numbers, scores, labels, given);
  if (numbers.width !== classes)
    return refuse(`${numbers.width} numbers beside a label of ${classes} classes`);
  // Numbers below 0 are no probabilities; of two classes they would be one decision.
  const isDecision = !isProbability && classes > 2;
  const main = {
    columns: numbers,
    head: classifierHead(labels, 'argmax', isDecision ? null : 'identity'),
  };
  if (numbers === scores) return answering(numbers, main.head, given);
  if (!isPair) return choosing(main, chosen, given);
  const columns = product(scores, Float32Array.of(-1, 1), Float32Array.of(0, 0));
  return choosing(main, { columns, head: { ...chosen.head, decide: 'argmax' } }, given);
}

/** A decision, and labels by a flag that was made of it: of two numbers the larger is that of large decisions. */
function decided(numbers: Columns, flags: Columns, labels: Labels, given: Given): Node {
  const [unset, set] = labels.values as unknown as readonly [unknown, unknown];
  const turns = typeof unset === 'number' && typeof set === 'number' && set < unset;
  const ordered: Labels = turns ? { dtype: 'int64', values: Float64Array.of(set, unset) } : labels;
  const own = classifierHead(ordered, 'positive', null);
  const half = { operation: 'add' as const, operands: Float64Array.of(0.5), rounded: true };
  const turned = elementwise(1, [{ operation: 'negative' }, half], 'float32');
  return choosing(
    { columns: numbers, head: own },
    {
      columns: turns ? followed(flags, turned) : flags,
      head: { ...own, decisionFunction: false },
    },
    given,
  );
}

/** Whether rows come first, and have one axis of numbers or none. */
function areRows(value: Columns): boolean {
  const [rows, ...sizes] = shapeOf(value);
  return rows === null && sizes.length <= 1;
}

interface Answer {
  readonly columns: Columns;
  readonly head: ClassifierHead;
}

/** What answers, and what its labels are chosen by instead. Steps that both have in common are done once for each. */
function choosing(main: Answer, chooser: Answer, given: Given): Node {
  const [own, others] = [main, chooser].map(({ columns, head }) => answer(columns, head));
  let common = 0;
  if (main.columns.source === chooser.columns.source) {
    const most = Math.min(own!.length, others!.length) - 1;
    while (common < most && own![common] === others![common]) common++;
  }
  const last: Pipeline<Node> = {
    kind: 'pipeline',
    steps: own!.slice(common),
    chooser: inOne(others!.slice(common)),
  };
  if (common > 0) return inOne([...selection(main.columns, given), ...own!.slice(0, common), last]);
  return {
    ...last,
    steps: [...selection(main.columns, given), ...last.steps],
    chooser: inOne([...selection(chooser.columns, given), ...others!]),
  };
}

const isAll = (source: Uint32Array, given: Given): boolean =>
  source.length === given.length && source.every((column, i) => column === i);

/** What chooses the columns of the model's input that the first step is given. */
function selection({ source }: Columns, given: Given): Node[] {
  if (isAll(source, given)) return [];
  const features = given.length;
  if (given.every(({ type }) => type !== 'string'))
    return [{ kind: 'select', features, columns: source }];
  return [{ kind: 'union', features, parts: [{ columns: source, node: null }], sparse: false }];
}

const inOne = (steps: readonly Node[]): Node =>
  steps.length === 1 ? steps[0]! : { kind: 'pipeline', steps };

/** Columns as a node without a head. */
function pipeline(steps: readonly Node[], { width }: Columns): Node {
  if (steps.length > 0) return inOne(steps);
  return { kind: 'union', features: width, parts: [{ columns: null, node: null }], sparse: false };
}

const answering = (columns: Columns, head: Head, given: Given): Node =>
  inOne([...selection(columns, given), ...answer(columns, head)]);

/** Columns as the scores of a head: that of their last step, if it makes scores. */
function answer(columns: Columns, head: Head): Node[] {
  const steps = [...stepsOf(columns)];
  const last = steps.at(-1);
  if (last?.kind === 'linear') return [...steps.slice(0, -1), { ...last, head }];
  if (last?.kind === 'answers' && last.method === 'raw') {
    const { node } = last;
    if (node.kind === 'trees' || node.kind === 'support-vectors')
      return [...steps.slice(0, -1), { ...node, head }];
  }
  return [...steps, { kind: 'scores', features: columns.width, head }];
}
