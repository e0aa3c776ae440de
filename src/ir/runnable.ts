import { Fields } from './fields.js';
import { type InputSpec, typeOfInput, validateInput } from './input.js';
import { defaultLimits, type Limits } from './limits.js';
import { type Node, outputWith, type RulesOf, rulesOfAll, validateNodeWith } from './node.js';

/** What of a model the runtime needs: all that predictions depend on. */
export interface RunnableModel {
  readonly root: Node;
  readonly input: InputSpec;
}

/** `validateRunnableWith` of every kind. */
export const validateRunnable = (value: unknown, limits: Limits = defaultLimits): RunnableModel =>
  validateRunnableWith(rulesOfAll, value, limits);

/** Checks the runnable part of untrusted plain data and returns it; throws `invalid-model` or `unsupported`, naming the place. */
export function validateRunnableWith(
  rulesOf: RulesOf,
  value: unknown,
  limits: Limits,
): RunnableModel {
  const f = new Fields(value, 'model', limits);
  const root = validateNodeWith(rulesOf, f.get('root'), 'model.root', limits);
  const input = validateInput(f.map('input'));
  outputWith(rulesOf, root, typeOfInput(input), 'model.root', limits.features);
  return { root, input };
}
