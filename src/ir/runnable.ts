import { Fields } from './fields.js';
import { type InputSpec, typeOfInput, validateInput } from './input.js';
import { defaultLimits, type Limits } from './limits.js';
import { type Node, outputOf, validateNode } from './node.js';

/** What of a model the runtime needs: all that predictions depend on. */
export interface RunnableModel {
  readonly root: Node;
  readonly input: InputSpec;
}

/** Checks the runnable part of untrusted plain data and returns it; throws `invalid-model` naming the place. */
export function validateRunnable(value: unknown, limits: Limits = defaultLimits): RunnableModel {
  const f = new Fields(value, 'model', limits);
  const root = validateNode(f.get('root'), 'model.root', limits);
  const input = validateInput(f.map('input'));
  outputOf(root, typeOfInput(input), 'model.root', limits.features);
  return { root, input };
}
