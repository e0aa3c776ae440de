import type { Labels, Node } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';

/** 0, 1 and so on, as classes that a library numbers itself. */
export const numbered = (
  count: number,
  dtype: 'int64' | 'int32' | 'float64' = 'int64',
): Labels => ({
  dtype,
  values: Float64Array.from({ length: count }, (_, label) => label),
});

/** A classifier of what a booster predicts: of two classes the second's probability, else that of each. */
export const classifierOf = (
  node: Node,
  features: number,
  columns: number,
  labels: Labels,
): Node => ({
  kind: 'pipeline',
  steps: [
    predictionsOf(node, features),
    {
      kind: 'scores',
      features: columns,
      head: classifierHead([labels], {
        decide: columns === 1 ? 'probable' : 'argmax',
        probability: columns === 1 ? 'complement' : 'identity',
        logProbability: 'none',
      }),
    },
  ],
});

/** A classifier of several labels, each of which a row has or has not: a column has the probability of one. */
export const multilabelOf = (
  node: Node,
  features: number,
  columns: number,
  labels: Labels,
): Node => ({
  kind: 'pipeline',
  steps: [
    predictionsOf(node, features),
    {
      kind: 'scores',
      features: columns,
      head: classifierHead(new Array<Labels>(columns).fill(labels), {
        decide: 'probable',
        probability: 'complement',
        logProbability: 'none',
        seconds: true,
      }),
    },
  ],
});

/** Columns that a node is given. */
export const featuresOf = (node: Node): number =>
  node.kind === 'pipeline' ? featuresOf(node.steps[0]!) : node.features;

/** A node behind steps. */
export const after = (steps: readonly Node[], node: Node): Node =>
  steps.length === 0
    ? node
    : { kind: 'pipeline', steps: [...steps, ...(node.kind === 'pipeline' ? node.steps : [node])] };

/** Gives compressed rows their zeros. */
export const toDense = (features: number): Node => ({
  kind: 'union',
  features,
  parts: [{ columns: null, node: null }],
  sparse: false,
});

const predictionsOf = (node: Node, features: number): Node => ({
  kind: 'answers',
  features,
  node,
  method: 'predict',
  skip: 0,
});
