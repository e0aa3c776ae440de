import { NuthatchError, quote } from '../errors.js';
import { Fields } from './fields.js';
import type { Limits } from './limits.js';
import { type Linear, signatureOfLinear, validateLinear } from './linear.js';
import { type Pipeline, validatePipeline } from './pipeline.js';
import { type Select, signatureOfSelect, validateSelect } from './select.js';
import { signatureOfTrees, type Trees, validateTrees } from './trees.js';
import type { Signature } from './value.js';

/** One part of a model. */
export type Node = Trees | Linear | Select | Pipeline<Node>;
export type Kind = Node['kind'];

/** One line for each kind: its validator. */
const validators: { readonly [K in Kind]: (f: Fields, depth: number) => Node } = {
  trees: validateTrees,
  linear: validateLinear,
  select: validateSelect,
  pipeline: (f, depth) =>
    validatePipeline(
      f,
      (value, path) => validateNode(value, path, f.limits, depth + 1),
      signatureOf,
      answers,
    ),
};

export const kinds = Object.keys(validators) as Kind[];

/** Checks untrusted plain data and returns it as a node; throws `invalid-model` naming the place. */
export function validateNode(value: unknown, path: string, limits: Limits, depth = 0): Node {
  if (depth > limits.nesting)
    throw new NuthatchError('limit-exceeded', path, `nested deeper than ${limits.nesting}`);
  const f = new Fields(value, path, limits);
  const kind = f.text('kind');
  if (!Object.hasOwn(validators, kind)) {
    throw new NuthatchError(
      'unsupported',
      `${path}.kind`,
      `this release does not know the kind ${quote(kind)}; update nuthatch`,
    );
  }
  return validators[kind as Kind](f, depth);
}

export function signatureOf(node: Node): Signature {
  switch (node.kind) {
    case 'trees':
      return signatureOfTrees(node);
    case 'linear':
      return signatureOfLinear(node);
    case 'select':
      return signatureOfSelect(node);
    case 'pipeline': {
      const first = signatureOf(node.steps[0]!);
      if (node.steps.length === 1) return first;
      // Asked of one step alone: twice for each of many nested pipelines of one step would never end.
      const last = signatureOf(node.steps[node.steps.length - 1]!);
      return { takes: first.takes, gives: last.gives };
    }
  }
}

/** Whether a node has a head, its own or that of its last part: it gives scores then and transforms nothing. */
function answers(node: Node): boolean {
  return 'head' in lastStep(node);
}

/** The part that answers: a pipeline's last, else the node itself. */
export function lastStep(node: Node): Exclude<Node, Pipeline<Node>> {
  return node.kind === 'pipeline' ? lastStep(node.steps[node.steps.length - 1]!) : node;
}
