import { type Column, calculated } from './column.js';
import type { DataField } from './data-dictionary.js';
import type { Lowering } from './lowering.js';
import { lowerMining } from './mining.js';
import { modelScope } from './model-scope.js';
import { type Prediction, predicted } from './prediction.js';
import { childOf, childrenOf, numberOf, refuseAt, wordOf } from './reading.js';
import { lowerRegression } from './regression.js';
import type { Scope } from './scope.js';
import { lowerScorecard } from './scorecard.js';
import { lowerTree } from './tree-model.js';
import { attribute, type Element } from './xml.js';

/** A model that stands in another one. */
const lowerInner = (
  lowering: Lowering,
  outer: Scope,
  model: Element,
  target: DataField | null,
): Prediction => lowerModel(lowering, modelScope(lowering, outer, model), model, target);

/** What a model answers, which knows the names of a scope. */
export function lowerModel(
  lowering: Lowering,
  scope: Scope,
  model: Element,
  target: DataField | null,
): Prediction {
  const targets = readTargets(lowering, model);
  // Trees and sums add a constant by themselves.
  const segmentation = childOf(model, 'Segmentation');
  const isSum =
    model.name === 'TreeModel' ||
    (segmentation && attribute(segmentation, 'multipleModelMethod') === 'sum');
  const adds = isSum && targets.every(({ operation }) => operation === 'add');
  const plus = adds ? (targets[0]?.operand ?? 0) : 0;
  const prediction = lowerByName(lowering, scope, model, target, plus);
  if (targets.length === 0) return prediction;
  if (prediction.task !== 'regression')
    return refuseAt(lowering, model, 'Targets of classes are not supported');
  if (adds) return prediction;
  const column = targets.reduce(
    (one: Column, { operation, operand }) => calculated(one, operation, operand),
    predicted(prediction),
  );
  return { task: 'regression', column, link: 'identity' };
}

/** What a model answers without what its Targets say, but for what is added to a sum. */
function lowerByName(
  lowering: Lowering,
  scope: Scope,
  model: Element,
  target: DataField | null,
  plus: number,
): Prediction {
  switch (model.name) {
    case 'TreeModel':
      return lowerTree(lowering, scope, model, target, plus);
    case 'MiningModel':
      return lowerMining(lowering, scope, model, target, plus, lowerInner);
    case 'Scorecard':
      return lowerScorecard(lowering, scope, model);
    default:
      return lowerRegression(lowering, scope, model, target);
  }
}

interface Rescaling {
  readonly operation: 'minimum' | 'maximum' | 'multiply' | 'add' | 'floor' | 'ceil';
  readonly operand: number | null;
}

/** What Targets say of a number, in order. */
function readTargets(lowering: Lowering, model: Element): Rescaling[] {
  const targets = childOf(model, 'Targets');
  const [target, other] = targets ? childrenOf(targets, 'Target') : [];
  if (!target) return [];
  if (other) refuseAt(lowering, other, 'several targets are not supported');
  const found: Rescaling[] = [];
  const add = (operation: Rescaling['operation'], name: string, nothing: number) => {
    if (attribute(target, name) === null) return;
    const operand = numberOf(lowering, target, name);
    if (operand !== nothing) found.push({ operation, operand });
  };
  add('maximum', 'min', Number.NEGATIVE_INFINITY);
  add('minimum', 'max', Number.POSITIVE_INFINITY);
  add('multiply', 'rescaleFactor', 1);
  add('add', 'rescaleConstant', 0);
  if (attribute(target, 'castInteger') !== null) {
    const cast = wordOf(lowering, target, 'castInteger', ['floor', 'ceiling']);
    found.push({ operation: cast === 'floor' ? 'floor' : 'ceil', operand: null });
  }
  return found;
}
