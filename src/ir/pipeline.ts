import { headOf } from './answering.js';
import { type Fields, fail, flag, list, readAll, sized } from './fields.js';
import { headColumns } from './head.js';
import type { PartReader } from './rules.js';
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
  validate<Step>(f: Fields, _features: number, inside: PartReader<Step>): Own<Pipeline<Step>> {
    const pipeline = readAll(
      f,
      { steps: sized(list(inside('may')), 1, Infinity) },
      { transforms: flag, beside: inside(), chooser: inside('must') },
    );
    const { steps, beside, chooser } = pipeline;
    const own = headOf(steps.at(-1));
    steps.slice(0, -1).forEach((step, i) => {
      if (headOf(step)) fail(f, `steps[${i}]`, 'only the last may have a head');
    });
    if (beside && (pipeline.transforms || !own)) fail(f, 'beside', 'of a pipeline that transforms');
    if (chooser) {
      const fits =
        own?.task === 'classifier' &&
        !own.threshold &&
        headColumns(own) === headColumns(headOf(chooser)!);
      if (!fits) fail(f, 'chooser', 'of other scores');
    }
    return pipeline;
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
