import type { Fields } from './fields.js';
import { mismatch, type Signature } from './value.js';

/** Parts one after another: each but the last transforms, the last answers. */
export interface Pipeline<Step> {
  readonly kind: 'pipeline';
  readonly steps: readonly Step[];
}

/** Reads and checks the parts of a composition; `validate`, `signatureOf` and `answers` are those of any node. */
export function validatePipeline<Step>(
  f: Fields,
  validate: (value: unknown, path: string) => Step,
  signatureOf: (step: Step) => Signature,
  answers: (step: Step) => boolean,
): Pipeline<Step> {
  const steps = f.list('steps').map((step, i) => validate(step, `${f.path}.steps[${i}]`));
  if (steps.length === 0) f.fail('steps', 'expected at least one');
  for (let i = 1; i < steps.length; i++) {
    const before = steps[i - 1]!;
    if (answers(before)) f.fail(`steps[${i - 1}]`, `only the last step may have a head`);
    const reason = mismatch(signatureOf(before).gives, signatureOf(steps[i]!));
    if (reason !== null) f.fail(`steps[${i}]`, reason);
  }
  return { kind: 'pipeline', steps };
}
