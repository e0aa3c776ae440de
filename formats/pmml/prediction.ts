import type {
  ClassifierHead,
  Decision,
  Head,
  Labels,
  Node,
  ProbabilityLink,
  RegressorLink,
} from '../../src/ir/index.js';
import { arrange, madeOf, pipelineOf } from './arrange.js';
import { type Column, calculated, groupOf } from './column.js';
import type { Lowering } from './lowering.js';

/** What a model answers, before it is a node. */
export type Prediction = Regression | Classification;

export interface Regression {
  readonly task: 'regression';
  readonly column: Column;
  readonly link: Extract<RegressorLink, 'identity' | 'exp' | 'expit'>;
}

export interface Classification {
  readonly task: 'classification';
  readonly labels: Labels;
  /** A column for each class, or one of two. */
  readonly scores: readonly Column[];
  readonly decide: Decision;
  /** null where there are labels alone. */
  readonly probability: ProbabilityLink | null;
  /** Of two classes: how probable the second has to be; null where `decide` says it. */
  readonly threshold: number | null;
  /** Columns by which a label is chosen, where these are others: a column for each class. */
  readonly chooser: readonly Column[] | null;
}

/** A regression's numbers. */
export const predicted = ({ column, link }: Regression): Column =>
  link === 'identity' ? column : calculated(column, link);

/** A classifier's probabilities, a column for each class. */
export function probabilitiesOf(lowering: Lowering, prediction: Classification): Column[] {
  const width = prediction.labels.values.length;
  const make = (_: readonly number[], features: number): Node => ({
    kind: 'answers',
    features,
    node: nodeOf(lowering, prediction),
    method: 'predict_proba',
    skip: 0,
  });
  const isSingle = prediction.scores.every(({ type }) => type === 'float');
  const facts = { columns: null, make, answers: false, width, cost: 1000 };
  return groupOf(lowering, facts, isSingle ? 'float' : 'double');
}

/** A prediction as a node that is given a row of the model's input. */
export function nodeOf(lowering: Lowering, prediction: Prediction): Node {
  if (prediction.task === 'regression') {
    const { column, link } = prediction;
    return scored(lowering, [column], { task: 'regressor', targets: 1, flat: true, link });
  }
  const { labels, scores, decide, probability, threshold, chooser } = prediction;
  const head: ClassifierHead = {
    task: 'classifier',
    labels: [labels],
    decide,
    probability,
    decisionFunction: false,
    // As Java adds them up.
    sums: 'sequential',
    scoreOffset: null,
    decisionOffset: null,
    logProbability: null,
    ...(threshold !== null && {
      threshold: { of: 'predict_proba', positive: 1, value: Float64Array.of(threshold) },
    }),
  };
  const main = scored(lowering, scores, head);
  if (!chooser) return main;
  const steps = main.kind === 'pipeline' ? main.steps : [main];
  const choosing = scored(lowering, chooser, { ...head, decide: 'argmax', probability: null });
  return { kind: 'pipeline', steps, chooser: choosing };
}

/** Columns as the scores of a head: that of the part that makes them, if it can have one. */
function scored(lowering: Lowering, columns: readonly Column[], head: Head): Node {
  const { base } = columns[0]!;
  if (typeof base !== 'number') {
    const { group } = base;
    const isWhole =
      group.answers &&
      columns.length === group.width &&
      columns.every(
        (column, i) =>
          column.steps.length === 0 &&
          typeof column.base !== 'number' &&
          column.base.group === group &&
          column.base.index === i,
      );
    if (isWhole) return pipelineOf(madeOf(lowering, group, head));
  }
  const { node, places, width } = arrange(lowering, columns);
  const isOrdered = width === places.length && places.every((place, i) => place === i);
  return pipelineOf([
    ...(node ? [node] : []),
    ...(isOrdered
      ? []
      : [{ kind: 'select' as const, features: width, columns: Uint32Array.from(places) }]),
    { kind: 'scores', features: columns.length, head },
  ]);
}
