import { quote } from '../../src/errors.js';
import { constantTree } from '../boosting/trees.js';
import {
  type Branching,
  branch,
  missingStrategies,
  NeedsPresence,
  type TreeNode,
} from './branches.js';
import { Classes } from './classes.js';
import type { Forest } from './column.js';
import type { DataField } from './data-dictionary.js';
import { sumsOf } from './forest.js';
import type { Lowering } from './lowering.js';
import { predicateNames, predicateOf, readPredicate } from './predicates.js';
import type { Prediction } from './prediction.js';
import {
  all,
  childOf,
  childrenOf,
  expectOnly,
  isSingle,
  neededChild,
  numberOf,
  parseNumber,
  refuseAt,
  textOf,
  wordOf,
} from './reading.js';
import type { Scope } from './scope.js';
import { attribute, type Element, pathOf } from './xml.js';

/** What rows get that end at a node; null for nothing. */
export type Values = (node: Element) => readonly number[] | null;

/** The score of a node as a number, float32 where a model calculates so. */
export const numbers =
  (lowering: Lowering, single: boolean): Values =>
  (node) => {
    const score = attribute(node, 'score');
    if (score === null) return null;
    const value = parseNumber(lowering, node, score);
    return [single ? Math.fround(value) : value];
  };

/** 1 for the class that is a node's score, 0 for others. */
export const votes =
  (classes: Classes): Values =>
  (node) => {
    const score = attribute(node, 'score');
    if (score === null) return null;
    const chosen = classes.indexOf(node, score);
    return Array.from({ length: classes.count }, (_, i) => Number(i === chosen));
  };

/** The probabilities of classes, as a node says them or by its counts; null where it has none. */
export const distributions =
  (lowering: Lowering, classes: Classes): Values =>
  (node) => {
    const distribution = childrenOf(node, 'ScoreDistribution');
    if (distribution.length === 0) return null;
    const values = new Array<number>(classes.count).fill(0);
    const seen = new Set<number>();
    const says = distribution.map((one) => attribute(one, 'probability') !== null);
    if (new Set(says).size > 1) refuseAt(lowering, node, 'probabilities of some classes alone');
    const name = says[0] ? 'probability' : 'recordCount';
    let sum = 0;
    for (const one of distribution) {
      const index = classes.indexOf(one, attribute(one, 'value') ?? '');
      if (seen.has(index)) refuseAt(lowering, one, 'a class twice');
      seen.add(index);
      const value = numberOf(lowering, one, name);
      if (value < 0) refuseAt(lowering, one, `${name} ${value}`);
      values[index] = value;
      sum += value;
    }
    if (says[0]) return values;
    if (sum === 0) refuseAt(lowering, node, 'counts that are all 0');
    return values.map((value) => value / sum);
  };

/** All nodes of a tree, each before its children. */
export function nodesOf(lowering: Lowering, model: Element): Element[] {
  const nodes = [neededChild(lowering, model, 'Node')];
  for (const node of nodes) {
    // Whatever else it holds decides something.
    const children = expectOnly(lowering, node, ['Node', 'ScoreDistribution', ...predicateNames]);
    for (const child of children) if (child.name === 'Node') nodes.push(child);
  }
  return nodes;
}

/** A tree whose nodes have values. */
export function readTree(
  lowering: Lowering,
  scope: Scope,
  model: Element,
  valuesOf: Values,
  gaps: boolean,
): Branching {
  const missing = wordOf(lowering, model, 'missingValueStrategy', missingStrategies, 'none');
  const noTrue = wordOf(
    lowering,
    model,
    'noTrueChildStrategy',
    ['returnNullPrediction', 'returnLastPrediction'],
    'returnNullPrediction',
  );
  const elements = nodesOf(lowering, model);
  const known = new Map<Element, TreeNode>();
  const isDefault = missing === 'defaultChild';
  // From the last on, so that children are there before their parents.
  for (const element of elements.reverse()) {
    const own = childrenOf(element, 'Node');
    lowering.memory.spend(300 + 50 * own.length);
    known.set(element, {
      element,
      children: own.map((child) => known.get(child)!),
      predicates: all(lowering, own, (child) =>
        readPredicate(lowering, scope, predicateOf(lowering, child)),
      ),
      values: valuesOf(element),
      defaultChild: isDefault ? defaultOf(lowering, element, own, known) : null,
    });
  }
  const root = known.get(elements[elements.length - 1]!)!;
  if (predicateOf(lowering, root.element).name !== 'True')
    refuseAt(lowering, root.element, 'a tree that some rows do not enter is not supported');
  return {
    root,
    missing,
    returnsLast: noTrue === 'returnLastPrediction',
    gaps,
    path: pathOf(model),
  };
}

function defaultOf(
  lowering: Lowering,
  element: Element,
  children: readonly Element[],
  known: ReadonlyMap<Element, TreeNode>,
): TreeNode | null {
  const id = attribute(element, 'defaultChild');
  if (id === null) return null;
  const found = children.find((child) => attribute(child, 'id') === id);
  return found
    ? known.get(found)!
    : refuseAt(lowering, element, `no child has the id ${quote(id)}`);
}

/** What a node takes without its values. */
const nodeBytes = 24;

/** What of a forest is not in its trees. */
export type Sums = Omit<Forest, 'sources' | 'needed'>;

/** The sums of trees and, at last, of a number, read for rows with missing cells if these get answers, and else for rows without. */
export function plant(
  lowering: Lowering,
  trees: readonly ((gaps: boolean) => Branching)[],
  sums: Sums,
  plus = 0,
): ReturnType<typeof sumsOf> {
  const { problems } = lowering;
  const before = problems.length;
  const columns = sums.treeOutputs ? 1 : sums.outputs;
  const grow = (gaps: boolean) => {
    const needed = new Set<number>();
    const sources = all(lowering, trees, (read) => {
      const tree = lowering.memory.within(() => branch(lowering, read(gaps), columns, needed));
      lowering.memory.spend((nodeBytes + 8 * columns) * tree.left.length);
      return tree;
    });
    if (plus !== 0) sources.push(constantTree([plus], 'Target'));
    return sumsOf(lowering, { ...sums, sources, needed: gaps ? null : needed });
  };
  try {
    return grow(true);
  } catch (error) {
    if (!(error instanceof NeedsPresence)) throw error;
    // What was found will be found again.
    problems.length = before;
    return grow(false);
  }
}

/** TreeModel by itself. `plus`: what is added to its number. */
export function lowerTree(
  lowering: Lowering,
  scope: Scope,
  model: Element,
  target: DataField | null,
  plus: number,
): Prediction {
  const task = wordOf(lowering, model, 'functionName', ['regression', 'classification']);
  const single = isSingle(lowering, model);
  const grow = (valuesOf: Values, sums: Sums, end = 0) =>
    plant(lowering, [(gaps) => readTree(lowering, scope, model, valuesOf, gaps)], sums, end);
  const sums = { outputs: 1, treeOutputs: null, base: 0, weights: null, divisor: null, single };
  if (task === 'regression') {
    const [column] = grow(numbers(lowering, single), sums, single ? Math.fround(plus) : plus);
    return { task, column: column!, link: 'identity' };
  }
  if (single) refuseAt(lowering, model, 'classes in float32 are not supported');
  const classes = classesOf(lowering, target, [model]);
  const ofClasses = { ...sums, outputs: classes.count };
  const shares = distributions(lowering, classes);
  const chosen = votes(classes);
  const nodes = nodesOf(lowering, model);
  const labels = classes.labels();
  const facts = { task, labels, decide: 'argmax', threshold: null } as const;
  if (!nodes.some((node) => childOf(node, 'ScoreDistribution')))
    return { ...facts, scores: grow(chosen, ofClasses), probability: null, chooser: null };
  // A node's score counts, also where another class is as probable, or more.
  const isOther = (node: Element) => {
    const score = attribute(node, 'score');
    const values = score === null ? null : shares(node);
    if (values === null) return false;
    return values.indexOf(Math.max(...values)) !== classes.indexOf(node, score!);
  };
  const chooser = nodes.some(isOther) ? grow(chosen, ofClasses) : null;
  return { ...facts, scores: grow(shares, ofClasses), probability: 'identity', chooser };
}

/** The classes of trees, all of them known before any tree is read. */
export function classesOf(
  lowering: Lowering,
  target: DataField | null,
  models: readonly Element[],
): Classes {
  const classes = new Classes(lowering, target);
  for (const model of models)
    for (const node of nodesOf(lowering, model)) {
      for (const one of childrenOf(node, 'ScoreDistribution'))
        classes.indexOf(one, textOf(lowering, one, 'value'));
      const score = attribute(node, 'score');
      if (score !== null) classes.indexOf(node, score);
    }
  if (classes.count < 2) refuseAt(lowering, models[0]!, 'expected two classes or more');
  return classes;
}
