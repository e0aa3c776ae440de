import { headOf, leafColumnsOf } from './answering.js';
import { type Fields, fail, flag, integer, oneOf, read, readAll } from './fields.js';
import { type ClassifierHead, decisionColumns, type Head, headColumns } from './head.js';
import { labelCount } from './labels.js';
import { dense, type PartReader } from './rules.js';
import { anyKind, type Own, type ValueType } from './value.js';

/** Makes of what a part answers a value for others: stacked estimators. */
export interface Answers<Part> {
  readonly kind: 'answers';
  /** Columns of the input. */
  readonly features: number;
  /** The part, which has a head. */
  readonly node: Part;
  readonly method: AnswerMethod;
  /** Columns of the answer that are left out, from the first on: probabilities of two classes say the same twice. */
  readonly skip: number;
  /** Set with `apply` alone: `apply` and `decision_path` are methods of the model, too, as those of embeddings are. */
  readonly paths?: true;
}

/** `predict` gives a classifier's labels as numbers, `apply` the ids of leaves, `raw` the raw scores, of any number of outputs. */
export const answerMethods = [
  'predict',
  'predict_proba',
  'decision_function',
  'apply',
  'raw',
] as const;
export type AnswerMethod = (typeof answerMethods)[number];

export const answersRules = {
  kind: 'answers',
  takesAny: true,
  takes: anyKind,
  validate<Part>(f: Fields, _features: number, inside: PartReader<Part>): Own<Answers<Part>> {
    const { node, method, paths } = readAll(
      f,
      { node: inside('must'), method: oneOf(...answerMethods) },
      { paths: flag },
    );
    if (!hasMethod(node, method)) fail(f, 'method', `the node has no ${method}`);
    if (paths && method !== 'apply') fail(f, 'paths', 'of leaves that are not asked for');
    const skip = read(f, 'skip', integer(0, answerColumns(node, method) - 1));
    return { node, method, skip, ...(paths && { paths }) };
  },
  gives<Part>(
    { node, method, skip }: Answers<Part>,
    given: ValueType,
    path: string,
    outputOf: (part: Part, given: ValueType, path: string) => ValueType,
  ): ValueType {
    outputOf(node, given, `${path}.node`);
    return dense(answerColumns(node, method) - skip);
  },
} as const;

/** Whether a node with a head can be asked: for one output only, and for labels that are numbers. */
function hasMethod(node: unknown, method: AnswerMethod): boolean {
  if (method === 'apply') return leafColumnsOf(node) > 0;
  if (method === 'raw') return true;
  const head = headOf(node)!;
  if (head.task === 'regressor') return method === 'predict';
  if (head.task !== 'classifier') return false;
  const { labels, probability, decisionFunction } = head;
  if (labels.length > 1) return false;
  if (method === 'predict') return typeof labels[0]!.values[0] === 'number';
  return method === 'predict_proba' ? probability !== null : decisionFunction;
}

/** Columns of what a node with a head answers. */
export function answerColumns(node: unknown, method: AnswerMethod): number {
  if (method === 'apply') return leafColumnsOf(node);
  return columnsOfHead(headOf(node)!, method);
}

/** The same of a head, for what is no leaf. */
export function columnsOfHead(head: Head, method: AnswerMethod): number {
  if (head.task !== 'classifier' || method === 'raw') return headColumns(head);
  if (method === 'predict') return 1;
  return method === 'predict_proba' ? classCount(head) : decisionColumns(head);
}

/** Classes of a classifier of one output. */
export const classCount = ({ labels }: ClassifierHead): number => labelCount(labels[0]!);
