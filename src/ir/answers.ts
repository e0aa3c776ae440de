import { headOf, leafColumnsOf } from './answering.js';
import type { Fields } from './fields.js';
import { type ClassifierHead, decisionColumns, type Head, headColumns } from './head.js';
import { labelCount } from './labels.js';
import type { Own, ValueKind, ValueType } from './value.js';

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
  takes: (): readonly ValueKind[] => ['dense', 'sparse', 'columns'],
  validate<Part>(
    f: Fields,
    _features: number,
    inside: (value: unknown, path: string, mayAnswer: 'must') => Part,
  ): Own<Answers<Part>> {
    const node = inside(f.get('node'), `${f.path}.node`, 'must');
    const method = f.oneOf('method', answerMethods);
    if (!hasMethod(node, method)) f.fail('method', `the node has no ${method}`);
    const paths = f.optional('paths', f.flag) ?? false;
    if (paths && method !== 'apply') f.fail('paths', 'of leaves that are not asked for');
    return {
      node,
      method,
      skip: f.integer('skip', 0, answerColumns(node, method) - 1),
      ...(paths && { paths: true as const }),
    };
  },
  gives<Part>(
    { node, method, skip }: Answers<Part>,
    given: ValueType,
    path: string,
    outputOf: (part: Part, given: ValueType, path: string) => ValueType,
  ): ValueType {
    outputOf(node, given, `${path}.node`);
    return { kind: 'dense', columns: answerColumns(node, method) - skip };
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
