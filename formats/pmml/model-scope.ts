import { fieldOf } from './expressions.js';
import type { Lowering } from './lowering.js';
import {
  childOf,
  childrenOf,
  expectOnly,
  neededChild,
  type Reading,
  refuseAt,
  textOf,
} from './reading.js';
import { addDerived, type Scope, scopeIn } from './scope.js';
import { attribute, type Element } from './xml.js';

/** Models that are read, and what each holds that is, beside what all do. */
const contents: ReadonlyMap<string, readonly string[]> = new Map([
  ['TreeModel', ['Node']],
  ['MiningModel', ['Segmentation']],
  ['RegressionModel', ['RegressionTable']],
  ['Scorecard', ['Characteristics']],
]);
const ofAll = ['MiningSchema', 'Output', 'Targets', 'LocalTransformations'];

/** Attributes of JPMML's own that mean something here. */
const ownAttributes = new Set(['x-mathContext']);

/** The one model in a segment. */
export function modelIn(reading: Reading, segment: Element): Element {
  const models = segment.children.filter(({ name }) => /(Model|Network|Scorecard)$/.test(name));
  const [model, other] = models;
  if (!model || other) return refuseAt(reading, segment, 'expected one model in it');
  const own = contents.get(model.name);
  if (!own) return refuseAt(reading, model, `the model ${model.name} is not supported`);
  expectOnly(reading, model, [...ofAll, ...own]);
  if (attribute(model, 'isScorable') === 'false') refuseAt(reading, model, 'it is not scorable');
  const strange = model.attributes.find(
    (name, i) => i % 2 === 0 && name.startsWith('x-') && !ownAttributes.has(name),
  );
  if (strange !== undefined) refuseAt(reading, model, `${strange} is not supported`);
  return model;
}

/** The names that a model within another knows. */
export function modelScope(lowering: Lowering, outer: Scope, model: Element): Scope {
  const treatments = ['missingValueReplacement', 'outliers', 'invalidValueReplacement'];
  const schema = neededChild(lowering, model, 'MiningSchema');
  for (const field of childrenOf(schema, 'MiningField')) {
    for (const name of treatments)
      if (attribute(field, name) !== null)
        refuseAt(lowering, field, `${name} within a model is not supported`);
    const optype = attribute(field, 'optype');
    const usage = attribute(field, 'usageType') ?? 'active';
    if (optype === null || usage !== 'active') continue;
    const { categories } = fieldOf(lowering, outer, field, textOf(lowering, field, 'name'));
    if ((optype === 'continuous') !== (categories === null))
      refuseAt(lowering, field, 'another optype than around it is not supported');
  }
  const scope = scopeIn(outer);
  const transformations = childOf(model, 'LocalTransformations');
  if (transformations) addDerived(lowering, scope, transformations);
  return scope;
}
