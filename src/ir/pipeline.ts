import type { Fields } from './fields.js';
import type { Own } from './value.js';

/** Parts one after another: each but the last transforms, the last may answer. */
export interface Pipeline<Step> {
  readonly kind: 'pipeline';
  readonly steps: readonly Step[];
}

export function validatePipeline<Step>(
  f: Fields,
  inside: (value: unknown, path: string, mayAnswer: boolean) => Step,
): Own<Pipeline<Step>> {
  const steps = f.list('steps');
  if (steps.length < 1) f.fail('steps', 'expected at least one');
  const last = steps.length - 1;
  return { steps: steps.map((step, i) => inside(step, `${f.path}.steps[${i}]`, i === last)) };
}
