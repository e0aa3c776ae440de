import { headOf } from './answering.js';
import type { Fields } from './fields.js';
import { headColumns } from './head.js';
import type { Own, ValueType } from './value.js';

/** Parts one after another: each but the last transforms, the last may answer. */
export interface Pipeline<Step> {
  readonly kind: 'pipeline';
  readonly steps: readonly Step[];
  /** Set where a pipeline that answers transforms, too: what the steps before the last give. */
  readonly transforms?: true;
  /** Of a pipeline that answers: a node without a head, which `transform` asks instead, of what the pipeline itself is given. */
  readonly beside?: Step;
  /** Of a classifier: another, whose scores `predict` chooses by, of what the pipeline itself is given. */
  readonly chooser?: Step;
}

export const pipelineRules = {
  kind: 'pipeline',
  takesAny: true,
  takes: null,
  validate<Step>(
    f: Fields,
    _features: number,
    inside: (value: unknown, path: string, mayAnswer: boolean | 'must') => Step,
  ): Own<Pipeline<Step>> {
    const steps = f.notEmpty('steps', f.list('steps'));
    const last = steps.length - 1;
    const parts = steps.map((step, i) => inside(step, `${f.path}.steps[${i}]`, i === last));
    const transforms = f.optional('transforms', f.flag) ?? false;
    const beside = f.optional('beside', () => inside(f.get('beside'), `${f.path}.beside`, false));
    if (beside !== null && (transforms || headOf(parts[last]) === null))
      f.fail('beside', 'of a pipeline that transforms');
    const chooser = f.optional('chooser', (name) => {
      const node = inside(f.get(name), `${f.path}.${name}`, 'must');
      const own = headOf(parts[last]);
      return own?.task === 'classifier' &&
        !own.threshold &&
        headColumns(own) === headColumns(headOf(node)!)
        ? node
        : f.fail(name, 'of other scores');
    });
    return {
      steps: parts,
      ...(transforms && { transforms: true as const }),
      ...(beside !== null && { beside }),
      ...(chooser !== null && { chooser }),
    };
  },
  gives<Step>(
    { steps, beside, chooser }: Pipeline<Step>,
    given: ValueType,
    path: string,
    outputOf: (step: Step, given: ValueType, path: string) => ValueType,
  ): ValueType {
    if (beside) outputOf(beside, given, `${path}.beside`);
    if (chooser) outputOf(chooser, given, `${path}.chooser`);
    return steps.reduce((value, step, i) => outputOf(step, value, `${path}.steps[${i}]`), given);
  },
} as const;
