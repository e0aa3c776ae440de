import type { SourceTree } from '../../src/ir/pack-trees.js';
import { type Answer, evaluate, openTest, type Range, type State, withRange } from './knowledge.js';
import type { Lowering } from './lowering.js';
import type { Predicate, Test } from './predicates.js';
import { refuseAt } from './reading.js';
import type { Element } from './xml.js';

/** A node of a tree as PMML has it: its children are asked one after another. */
export interface TreeNode {
  readonly element: Element;
  readonly children: readonly TreeNode[];
  /** Of each child, what is true of the rows that go there. */
  readonly predicates: readonly Predicate[];
  /** What rows get that end here; null for nothing. */
  readonly values: readonly number[] | null;
  /** Where rows go of which a predicate is unknown, with that strategy. */
  readonly defaultChild: TreeNode | null;
}

export const missingStrategies = [
  ...(['none', 'lastPrediction', 'nullPrediction', 'defaultChild'] as const),
] as const;

export interface Branching {
  readonly root: TreeNode;
  readonly missing: (typeof missingStrategies)[number];
  /** Whether rows that no child takes get what the node has. */
  readonly returnsLast: boolean;
  /** Whether cells may be missing; else rows with such are refused. */
  readonly gaps: boolean;
  readonly path: string;
}

/** Ends the reading of trees where rows with missing cells get no answer: they are read again for rows without. */
export class NeedsPresence extends Error {}

/** What a row is to be asked next: the node's children from one on; its own value after the last; null for no answer. */
type Target = { readonly node: TreeNode; readonly at: number } | null;

const sameTarget = (a: Target, b: Target) => a?.node === b?.node && a?.at === b?.at;

interface Builder {
  readonly left: number[];
  readonly right: number[];
  readonly feature: number[];
  readonly threshold: number[];
  readonly missingLeft: number[];
  readonly categorical: number[];
  readonly ends: (TreeNode | null)[];
}

/**
 * Makes of the children that are asked in turn a tree of tests with two sides each. What is known of a row's features on the way is kept, so that nothing
 * is asked that is known, and predicates are taken apart where they are met. Adds to `needed` the features on which rows depend that may be missing.
 */
export function branch(
  lowering: Lowering,
  branching: Branching,
  columns: number,
  needed: Set<number>,
): SourceTree {
  const { features, effort } = lowering;
  const tree: Builder = {
    left: [],
    right: [],
    feature: [],
    threshold: [],
    missingLeft: [],
    categorical: [],
    ends: [],
  };
  const add = () => {
    lowering.memory.spend(100 + 8 * columns);
    tree.left.push(-1);
    tree.right.push(-1);
    tree.feature.push(0);
    tree.threshold.push(0);
    tree.missingLeft.push(0);
    tree.categorical.push(0);
    return tree.ends.push(null) - 1;
  };
  const rangeOf = (feature: number): Range => {
    const mayMiss = features.mayMiss(feature);
    // Also what is not asked in the end, since it is there.
    if (mayMiss) needed.add(feature);
    return {
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
      only: features.closedCodes(feature),
      never: none,
      present: true,
      missing: branching.gaps && mayMiss,
    };
  };
  const ask = (predicate: Predicate, state: State | null): Answer | null =>
    evaluate(predicate, state, rangeOf, effort);

  function resolve(target: Target, state: State | null): Target {
    for (let next = target; next; ) {
      const { node, at } = next;
      const { children, predicates } = node;
      if (at === ended || (at === 0 && children.length === 0)) return { node, at: ended };
      let answer: Answer | null = false;
      if (at < children.length) answer = ask(predicates[at]!, state);
      else return branching.returnsLast ? { node, at: ended } : null;
      if (answer === null) return next;
      if (answer === true) next = { node: children[at]!, at: 0 };
      else if (answer === false || branching.missing === 'none') next = { node, at: at + 1 };
      else if (branching.missing === 'lastPrediction') return { node, at: ended };
      else if (branching.missing === 'defaultChild' && node.defaultChild)
        next = { node: node.defaultChild, at: 0 };
      else return null;
    }
    return null;
  }

  const start = resolve({ node: branching.root, at: 0 }, null);
  const work: { slot: number; target: Target; state: State | null }[] = [
    { slot: add(), target: start, state: null },
  ];
  for (let one = work.pop(); one; one = work.pop()) {
    const { slot, state } = one;
    const { target } = one;
    if (target === null || (target.at === ended && target.node.values === null)) {
      if (branching.gaps) throw new NeedsPresence();
      refuseAt(lowering, branching.root.element, 'some rows get no prediction');
    }
    if (target.at === ended) {
      tree.ends[slot] = target.node;
      continue;
    }
    const test = openTest(target.node.predicates[target.at]!, state, rangeOf, effort)!;
    const known = state?.find(test.feature, effort) ?? rangeOf(test.feature);
    const sides = sidesOf(test, known);
    const outcome = (range: Range | null) => {
      if (range === null) return null;
      const next = withRange(state, test.feature, range);
      return { range, state: next, target: resolve(target, next) };
    };
    const [yes, no, gap] = [outcome(sides.yes), outcome(sides.no), outcome(sides.missing)];
    const met = [yes, no, gap].filter((side) => side !== null);
    // Where it makes no difference, nothing is asked.
    if (
      met.every((side) => sameTarget(side.target, met[0]!.target)) &&
      !sameTarget(met[0]!.target, target)
    ) {
      work.push({ slot, target: met[0]!.target, state });
      continue;
    }
    const split = (threshold: number, categorical: boolean, missingLeft: boolean) => {
      tree.feature[slot] = test.feature;
      tree.threshold[slot] = threshold;
      tree.categorical[slot] = Number(categorical);
      tree.missingLeft[slot] = Number(missingLeft);
      tree.left[slot] = add();
      tree.right[slot] = add();
      return [tree.left[slot]!, tree.right[slot]!] as const;
    };
    const joins = (side: typeof yes) =>
      gap !== null && sameTarget(side!.target, gap.target) && !sameTarget(gap.target, target);
    if (yes && no && (gap === null || joins(yes) || joins(no))) {
      const withGap = gap === null ? null : joins(yes) ? yes : no;
      const isSet = test.kind === 'among';
      const operand =
        test.kind === 'among'
          ? features.setOf(test.codes)
          : (test as Extract<Test, { kind: 'below' }>).threshold;
      const [left, right] = split(operand, isSet, withGap === yes);
      for (const [to, side] of [
        [left, yes],
        [right, no],
      ] as const) {
        const range = { ...side.range, missing: side === withGap };
        work.push({
          slot: to,
          target: side.target,
          state: withRange(state, test.feature, range),
        });
      }
      continue;
    }
    // What is missing goes its own way first: everything else is at most ∞.
    const [there, away] = split(Number.POSITIVE_INFINITY, false, false);
    const present = { ...known, missing: false };
    const rest = withRange(state, test.feature, present);
    work.push({ slot: there, target: resolve(target, rest), state: rest });
    work.push({ slot: away, target: gap!.target, state: gap!.state });
  }
  const values = new Float64Array(tree.left.length * columns);
  tree.ends.forEach((end, slot) => {
    if (end) values.set(end.values!, slot * columns);
  });
  return {
    left: Int32Array.from(tree.left),
    right: Int32Array.from(tree.right),
    feature: Uint32Array.from(tree.feature),
    threshold: Float64Array.from(tree.threshold),
    missingLeft: Uint8Array.from(tree.missingLeft),
    categorical: Uint8Array.from(tree.categorical),
    values,
    covers: null,
    path: branching.path,
  };
}

/** A node's place after its children: its own value. */
const ended = -1;
const none: ReadonlySet<number> = new Set();

/** What is known of a feature where a test holds, where it does not, and where it is missing; null where that cannot be. */
function sidesOf(
  test: Test,
  known: Range,
): Readonly<Record<'yes' | 'no' | 'missing', Range | null>> {
  const missing = known.missing ? { ...known, present: false } : null;
  const there = { ...known, missing: false };
  if (!known.present || test.kind === 'missing')
    return { yes: null, no: known.present ? there : null, missing };
  if (test.kind === 'below') {
    const { threshold } = test;
    return {
      yes: known.low < threshold ? { ...there, high: Math.min(known.high, threshold) } : null,
      no: known.high > threshold ? { ...there, low: Math.max(known.low, threshold) } : null,
      missing,
    };
  }
  const { codes } = test;
  const { only, never } = known;
  const inside = [...codes].filter((code) => (only === null || only.has(code)) && !never.has(code));
  const outside = only && [...only].filter((code) => !codes.has(code) && !never.has(code));
  return {
    yes: inside.length > 0 ? { ...there, only: new Set(inside) } : null,
    no:
      outside?.length === 0
        ? null
        : {
            ...there,
            only: outside && new Set(outside),
            never: outside ? never : new Set([...never, ...codes]),
          },
    missing,
  };
}
