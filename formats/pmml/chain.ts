import type { Column } from './column.js';
import type { DataField } from './data-dictionary.js';
import { derive } from './expressions.js';
import type { Field } from './field.js';
import type { Lowering } from './lowering.js';
import { modelIn } from './model-scope.js';
import { type Prediction, predicted, probabilitiesOf } from './prediction.js';
import { attempt, childOf, childrenOf, refuseAt, textOf } from './reading.js';
import { type Scope, scopeIn } from './scope.js';
import { attribute, type Element } from './xml.js';

/** How a model within another is lowered. */
export type LowerModel = (
  lowering: Lowering,
  scope: Scope,
  model: Element,
  target: DataField | null,
) => Prediction;

/** Each model knows what those before it gave; the last one answers. */
export function lowerChain(
  lowering: Lowering,
  outer: Scope,
  segments: readonly Element[],
  target: DataField | null,
  lower: LowerModel,
): Prediction {
  const scope = scopeIn(outer);
  let last: Prediction | null = null;
  let failed = false;
  segments.forEach((segment, i) => {
    const model = modelIn(lowering, segment);
    const isLast = i === segments.length - 1;
    const prediction = attempt(lowering, () =>
      lower(lowering, scope, model, isLast || hasTarget(model) ? target : null),
    );
    failed ||= prediction === null;
    if (prediction && !isLast)
      attempt(lowering, () => addOutputs(lowering, scope, model, prediction));
    last = prediction;
  });
  return last !== null && !failed
    ? last
    : refuseAt(lowering, segments.at(-1)!, 'of a chain that is not supported');
}

/** Whether a model says that it is of the target, as those that make columns for others do not. */
function hasTarget(model: Element): boolean {
  const schema = childOf(model, 'MiningSchema');
  const fields = schema ? childrenOf(schema, 'MiningField') : [];
  return fields.some((field) => /^(target|predicted)$/.test(attribute(field, 'usageType') ?? ''));
}

/** The fields that a model gives to those after it. */
function addOutputs(
  lowering: Lowering,
  scope: Scope,
  model: Element,
  prediction: Prediction,
): void {
  const output = childOf(model, 'Output');
  if (!output) return;
  let probabilities: Column[] | null = null;
  for (const field of childrenOf(output, 'OutputField')) {
    const name = textOf(lowering, field, 'name');
    if (scope.names.has(name)) refuseAt(lowering, field, 'a name twice');
    const feature = attribute(field, 'feature') ?? 'predictedValue';
    let made: Field;
    if (feature === 'predictedValue' && prediction.task === 'regression')
      made = { column: predicted(prediction), categories: null };
    else if (feature === 'probability' && prediction.task === 'classification') {
      const { labels, probability } = prediction;
      if (!probability) refuseAt(lowering, field, 'of a model without probabilities');
      probabilities ??= probabilitiesOf(lowering, prediction);
      const place = Array.from<string | number>(labels.values).findIndex(
        (value) => String(value) === textOf(lowering, field, 'value'),
      );
      if (place < 0) refuseAt(lowering, field, 'no such class');
      made = { column: probabilities[place]!, categories: null };
    } else if (feature === 'transformedValue') made = derive(lowering, scope, field);
    else continue;
    scope.names.set(name, made);
  }
}
