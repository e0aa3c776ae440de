import type { Fields } from './fields.js';
import type { Own } from './value.js';

/** Parts one after another: each but the last transforms, the last may answer. */
export interface Pipeline<Step> {
  readonly kind: 'pipeline';
  readonly steps: readonly Step[];
}

/** Reads and checks the parts of a composition; `validate` and `answers` are those of any node. */
export function validatePipeline<Step>(
  f: Fields,
  validate: (value: unknown, path: string) => Step,
  answers: (step: Step) => boolean,
): Own<Pipeline<Step>> {
  const steps = f.list('steps').map((step, i) => validate(step, `${f.path}.steps[${i}]`));
  if (steps.length < 1) f.fail('steps', 'expected at least one');
  steps.slice(0, -1).forEach((step, i) => {
    if (answers(step)) f.fail(`steps[${i}]`, 'only the last step may have a head');
  });
  return { steps };
}
