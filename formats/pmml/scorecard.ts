import type { TreeNode } from './branches.js';
import type { Lowering } from './lowering.js';
import { predicateOf, readPredicate } from './predicates.js';
import type { Prediction } from './prediction.js';
import { all, childrenOf, isSingle, neededChild, numberOf, refuseAt, wordOf } from './reading.js';
import type { Scope } from './scope.js';
import { plant } from './tree-model.js';
import { type Element, pathOf } from './xml.js';

/** Scorecard: each characteristic is a tree, whose first attribute that is true gives its score. */
export function lowerScorecard(lowering: Lowering, scope: Scope, model: Element): Prediction {
  wordOf(lowering, model, 'functionName', ['regression']);
  if (isSingle(lowering, model)) refuseAt(lowering, model, 'in float32 it is not supported');
  const initial = numberOf(lowering, model, 'initialScore', 0);
  const characteristics = childrenOf(
    neededChild(lowering, model, 'Characteristics'),
    'Characteristic',
  );
  if (characteristics.length === 0) refuseAt(lowering, model, 'expected characteristics in it');
  const roots = all(lowering, characteristics, (characteristic): TreeNode => {
    const attributes = childrenOf(characteristic, 'Attribute');
    lowering.memory.spend(300 * (attributes.length + 1));
    const own = { predicates: [], children: [], defaultChild: null };
    return {
      element: characteristic,
      children: attributes.map((element) => ({
        ...own,
        element,
        values: [numberOf(lowering, element, 'partialScore')],
      })),
      predicates: all(lowering, attributes, (one) =>
        readPredicate(lowering, scope, predicateOf(lowering, one)),
      ),
      values: null,
      defaultChild: null,
    };
  });
  const facts = { missing: 'none', returnsLast: false } as const;
  const [column] = plant(
    lowering,
    roots.map((root) => (gaps) => ({ ...facts, root, gaps, path: pathOf(root.element) })),
    {
      ...{ outputs: 1, treeOutputs: null, base: initial, weights: null, divisor: null },
      single: false,
    },
  );
  return { task: 'regression', column: column!, link: 'identity' };
}
