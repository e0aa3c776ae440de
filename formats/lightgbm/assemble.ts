import { narrowest } from '../../src/ir/fields.js';
import type { Elementwise, LeafModels, Node } from '../../src/ir/index.js';
import { assembleBoosting, type Boosting, boosterHead } from '../boosting/trees.js';
import type { ImportOptions } from '../format.js';
import { type LightgbmTree, leastNumber, toSource } from './tree.js';

/** Trees that end in values, and what is done to rows before; `voided`: features whose zeros are missing. */
export const assemblePlain = (
  trees: readonly LightgbmTree[],
  boosting: Boosting,
  voided: ReadonlySet<number>,
  options: ImportOptions,
): Node[] => [
  ...(voided.size > 0 ? [flushZeros(boosting.features, voided)] : []),
  assembleBoosting(trees.map(toSource), boosting, options),
];

/** The same of trees some of which end in linear models, as sums alone: the leaves of trees that choose models are the numbers of these. */
export function assembleLinear(
  trees: readonly LightgbmTree[],
  boosting: Boosting,
  voided: ReadonlySet<number>,
  options: ImportOptions,
): Node[] {
  const { features, outputs, head } = boosting;
  let models = 0;
  const numbered = trees.map((tree) => ({ ...tree, leaves: tree.leaves.map(() => models++) }));
  const ofNumbers: Boosting = {
    ...boosting,
    outputs: trees.length,
    base: null,
    treeOutputs: trees.map((_, tree) => tree),
    divisor: null,
    head: boosterHead(trees.length, 'identity'),
  };
  const choosing = assemblePlain(numbered, ofNumbers, voided, options);
  return [
    // Models take numbers that are nearly 0 for 0, as splits do, and zeros that are missing to splits, too.
    flushZeros(features, new Set()),
    {
      kind: 'leaf-models',
      features,
      outputs,
      node: choosing.length === 1 ? choosing[0]! : { kind: 'pipeline', steps: choosing },
      treeOutputs: narrowest(trees.map((_, tree) => tree % outputs)),
      ...modelsOf(trees),
      head,
    },
  ];
}

/** The models of all trees, leaf after leaf. A leaf without one is a constant. */
function modelsOf(
  trees: readonly LightgbmTree[],
): Pick<LeafModels<Node>, 'constants' | 'starts' | 'columns' | 'coefficients' | 'gaps'> {
  const gaps = concatenate(trees.map(({ leaves }) => leaves));
  const starts = new Uint32Array(gaps.length + 1);
  let leaf = 0;
  for (const { leaves, linear } of trees)
    for (let i = 0; i < leaves.length; i++, leaf++)
      starts[leaf + 1] = starts[leaf]! + (linear?.counts[i] ?? 0);
  return {
    constants: concatenate(trees.map(({ leaves, linear }) => linear?.constants ?? leaves)),
    starts,
    columns: narrowest(concatenate(trees.map(({ linear }) => linear?.features ?? []))),
    coefficients: concatenate(trees.map(({ linear }) => linear?.coefficients ?? [])),
    gaps,
  };
}

function concatenate(lists: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** Makes 0 of what LightGBM takes for it, and then NaN in features of `voided`. */
const flushZeros = (features: number, voided: ReadonlySet<number>): Elementwise => ({
  kind: 'elementwise',
  features,
  nonFinite: 'any',
  type: null,
  operations: [
    {
      operation: 'flush',
      operands: new Float64Array(features).fill(leastNumber),
      rounded: false,
    },
    ...(voided.size === 0
      ? []
      : [
          {
            operation: 'void' as const,
            // Nothing equals NaN.
            operands: Float64Array.from({ length: features }, (_, i) =>
              voided.has(i) ? 0 : Number.NaN,
            ),
            rounded: false,
          },
        ]),
  ],
});
