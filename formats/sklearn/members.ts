import { narrowest, type UintArray } from '../../src/ir/fields.js';
import {
  type ClassifierHead,
  type EnsemblePart,
  type Head,
  headOf,
  type Labels,
  labelCount,
  labelValues,
  lastStep,
  type Node,
} from '../../src/ir/index.js';
import { type Estimator, lowerEach } from './estimator.js';
import type { Given } from './given.js';
import type { PyValue } from './python.js';

/** Estimators that answer for the same rows, as parts of an ensemble: `labels` are the classes in the parts' own terms, null of regressors. */
export function lowerMembers(
  owner: Estimator,
  members: readonly PyValue[],
  labels: Labels | null,
  columnsOf: (member: number) => Uint32Array | null = () => null,
): EnsemblePart<Node>[] {
  if (members.length === 0) owner.refuse('estimators_', 'expected at least one estimator');
  const { given } = owner.lowering;
  return lowerEach(members, (member, i) => {
    const place = `estimators_[${i}]`;
    const columns = columnsOf(i);
    const seen = columns === null ? given : { ...given, columns: columns.length };
    const node = lowerMember(
      owner,
      member,
      place,
      seen,
      labels === null ? 'regressor' : 'classifier',
    );
    const head = headOf(node)!;
    const classes =
      labels === null ? null : placesOf(owner, place, (head as ClassifierHead).labels, labels);
    return { columns, node, classes };
  });
}

/** An estimator that answers. */
export function lowerMember(
  owner: Estimator,
  member: PyValue,
  place: string,
  given: Given,
  task: Head['task'],
): Node {
  const node = owner.lowerPart(member, place, given);
  if (headOf(node)?.task !== task) owner.refuse(place, `expected a ${task}`);
  return node;
}

/** Which of the ensemble's classes each of a part's is. */
export function placesOf(
  owner: Estimator,
  place: string,
  own: readonly Labels[],
  all: Labels,
): UintArray {
  const known = labelValues(all);
  if (own.length !== 1) return owner.refuse(place, 'several outputs are not supported here');
  // numpy compares booleans with numbers.
  const places = labelValues(own[0]!).map((label) =>
    known.findIndex(
      (one) =>
        one === label ||
        (typeof one !== 'string' && typeof label !== 'string' && Number(one) === Number(label)),
    ),
  );
  return places.includes(-1)
    ? owner.refuse(place, 'knows a class that the ensemble does not')
    : narrowest(Uint32Array.from(places));
}

/** The classes of an ensemble as its parts know them: their positions. */
export const positions = (labels: Labels): Labels => ({
  dtype: 'int64',
  values: Float64Array.from({ length: labelCount(labels) }, (_, i) => i),
});

/** A node without the `transform` that it has beside its answers. */
export function withoutTransform(node: Node): Node {
  if (node.kind === 'ensemble') return { ...node, transforms: false };
  if (node.kind !== 'pipeline') return node;
  const { steps, beside: _, transforms: __, ...own } = node;
  return {
    ...own,
    steps: [...steps.slice(0, -1), withoutTransform(steps[steps.length - 1]!)],
  };
}

/** A node whose last step has another head. */
export function withHead(node: Node, change: (head: Head) => Head): Node {
  if (node.kind === 'pipeline') {
    const { steps } = node;
    return {
      ...node,
      steps: [...steps.slice(0, -1), withHead(steps[steps.length - 1]!, change)],
    };
  }
  const last = lastStep(node);
  return 'head' in last && last.head ? ({ ...last, head: change(last.head) } as Node) : node;
}
