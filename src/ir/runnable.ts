import { Fields } from './fields.js';
import { type InputSpec, inputColumns, validateInput } from './input.js';
import { defaultLimits, type Limits } from './limits.js';
import { lastStep, type Node, signatureOf, validateNode } from './node.js';
import type { ValueKind } from './value.js';

/** What of a model the runtime needs: all that predictions depend on. */
export interface RunnableModel {
  readonly root: Node;
  readonly input: InputSpec;
}

const valueKindOf: { readonly [T in InputSpec['type']]: ValueKind } = {
  matrix: 'dense',
  columns: 'columns',
  text: 'text',
};

/** Checks the runnable part of untrusted plain data and returns it; throws `invalid-model` naming the place. */
export function validateRunnable(value: unknown, limits: Limits = defaultLimits): RunnableModel {
  const f = new Fields(value, 'model', limits);
  const root = validateNode(f.get('root'), 'model.root', limits);
  if (!('head' in lastStep(root))) f.fail('root', 'the last step must have a head');
  const input = validateInput(f.map('input'));
  const { takes } = signatureOf(root);
  if (!takes.kinds.includes(valueKindOf[input.type]) || takes.columns !== inputColumns(input)) {
    f.fail('input', `${inputColumns(input)} columns of ${input.type} do not fit the model`);
  }
  return { root, input };
}
