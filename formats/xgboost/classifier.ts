import { NuthatchError } from '../../src/errors.js';
import {
  type ClassifierHead,
  type Head,
  headColumns,
  headOf,
  type Labels,
  labelCount,
  lastStep,
  type Node,
} from '../../src/ir/index.js';
import { classifierOf, featuresOf, multilabelOf, numbered } from '../boosting/classifiers.js';

/** What a classifier for scikit-learn says of its classes. */
export interface Classes {
  /** How many there are, of several labels 2; null: as the model has them. */
  readonly count: number | null;
  /** Up to 1.5 labels may be of any kind, and an encoder has them; null where they are their numbers. */
  readonly labels: Labels | null;
}

/** Labels of what a booster predicts: above 0.5, or the class of the largest probability. */
export function classify(root: Node, { count, labels }: Classes): Node {
  const head = headOf(root)!;
  const columns = headColumns(head);
  const isMulticlass = head.task === 'regressor' ? head.link === 'softmax' : columns > 1;
  const classes = count ?? (isMulticlass ? columns : 2);
  if (head.task !== 'classifier' && !isProbability(head))
    throw refused('objective', 'its predictions are no probabilities of classes');
  if (columns === 1 || !isMulticlass ? classes > 2 : classes !== columns || classes < 3)
    throw refused('n_classes_', `${classes} classes of ${columns} columns`);
  const named = labels ?? numbered(classes);
  if (labelCount(named) !== Math.max(classes, columns === 1 ? 2 : 0))
    throw refused('classes_', `${labelCount(named)} labels of ${classes} classes`);
  if (head.task === 'classifier' && isMulticlass) return withSoftmax(root, head, labels);
  const features = featuresOf(root);
  return columns === 1 || isMulticlass
    ? classifierOf(root, features, columns, named)
    : multilabelOf(root, features, columns, numbered(2, 'float64'));
}

const isProbability = (head: Head): boolean =>
  head.task === 'regressor' && (head.link === 'expit' || head.link === 'softmax');

/** Of `multi:softmax` the class with the largest margin; probabilities are made of margins again. */
function withSoftmax(root: Node, head: ClassifierHead, labels: Labels | null): Node {
  // Up to 1.5 such numbers were taken for probabilities.
  if (labels !== null) throw refused('objective', 'multi:softmax of a version before 1.6');
  const own: ClassifierHead = {
    ...head,
    labels: [numbered(headColumns(head), 'int32')],
    probability: 'softmax',
    decisionFunction: false,
    logProbability: 'none',
  };
  if (root.kind !== 'pipeline') return { ...lastStep(root), head: own } as Node;
  const { steps } = root;
  return { ...root, steps: [...steps.slice(0, -1), { ...steps.at(-1)!, head: own } as Node] };
}

const refused = (path: string, message: string): NuthatchError =>
  new NuthatchError('unsupported', path, message);
