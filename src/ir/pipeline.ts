import type { Fields } from './fields.js';
import type { Own, ValueType } from './value.js';

/** Parts one after another: each but the last transforms, the last may answer. */
export interface Pipeline<Step> {
  readonly kind: 'pipeline';
  readonly steps: readonly Step[];
  /** Set where a pipeline that answers transforms, too: what the steps before the last give. */
  readonly transforms?: true;
}

export const pipelineRules = {
  kind: 'pipeline',
  takesAny: true,
  takes: null,
  validate<Step>(
    f: Fields,
    _features: number,
    inside: (value: unknown, path: string, mayAnswer: boolean) => Step,
  ): Own<Pipeline<Step>> {
    const steps = f.notEmpty('steps', f.list('steps'));
    const last = steps.length - 1;
    return {
      steps: steps.map((step, i) => inside(step, `${f.path}.steps[${i}]`, i === last)),
      ...(f.optional('transforms', f.flag) && { transforms: true as const }),
    };
  },
  gives<Step>(
    { steps }: Pipeline<Step>,
    given: ValueType,
    path: string,
    outputOf: (step: Step, given: ValueType, path: string) => ValueType,
  ): ValueType {
    return steps.reduce((value, step, i) => outputOf(step, value, `${path}.steps[${i}]`), given);
  },
} as const;
