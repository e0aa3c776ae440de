import { fieldsOf, raw, read } from './fields.js';
import { type InputSpec, readInput, typeOfInput } from './input.js';
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
  const f = fieldsOf(value, 'model', limits);
  const root = validateNodeWith(rulesOf, raw(f, 'root'), 'model.root', limits);
  const input = read(f, 'input', readInput);
  outputWith(rulesOf, root, typeOfInput(input), 'model.root', limits.features);
  return { root, input };
}
