import type { Elementwise, Node, NonFinitePolicy } from '../../src/ir/index.js';
import {
  curve,
  distributionClasses,
  powerBackwards,
  quantilesBackwards,
  scalerOf,
} from './distribution.js';
import type { Estimator } from './estimator.js';
import { compositionClasses, namedParts } from './pipeline.js';
import {
  applyFunction,
  arithmetic,
  elementwise,
  functionTransformer,
  operandsOf,
  scalers,
} from './preprocessing.js';
import { describePython, type PyValue } from './python.js';

/** `inverse_transform` of transformers that work cell by cell, on `features` columns: nodes one after another. */
export function lowerInverse(
  owner: Estimator,
  value: PyValue,
  place: string,
  features: number,
): Node[] {
  const { power, quantile } = distributionClasses;
  const known = [functionTransformer, compositionClasses.Pipeline, ...Object.values(scalers)];
  const transformer = owner.part(value, place, [...known, power, quantile]);
  const { className } = transformer.object;
  if (className === compositionClasses.Pipeline)
    return namedParts(transformer, 'steps')
      .flatMap(({ part }, i) =>
        part === null || part === 'passthrough'
          ? []
          : [lowerInverse(transformer, part, `steps[${i}]`, features)],
      )
      .reverse()
      .flat();
  if (className === functionTransformer) {
    const policy: NonFinitePolicy = transformer.flag('validate') ? 'refuse' : 'any';
    return [applyFunction(transformer, 'inverse_func', 'inv_kw_args', features, policy)];
  }
  if (transformer.features() !== features)
    transformer.refuse('n_features_in_', `expected ${features} columns`);
  if (className === quantile) return [curve(features, quantilesBackwards(transformer))];
  if (className !== power) return [scaleUp(transformer, className, features)];
  const scaler = scalerOf(transformer);
  const bend = curve(features, [powerBackwards(transformer)]);
  return scaler ? [scaleUp(scaler, scalers.standard, features), bend] : [bend];
}

/** Times the scale, plus what was subtracted; of a MinMaxScaler the other way round. */
function scaleUp(scaler: Estimator, className: string, features: number): Elementwise {
  const multiply = (rounded = false) =>
    arithmetic('multiply', operandsOf(scaler, 'scale_'), rounded);
  const add = (attribute: string, rounded = false) =>
    arithmetic('add', operandsOf(scaler, attribute), rounded);
  switch (className) {
    case scalers.standard: {
      // As forwards.
      const rounded = scaler.since(1, 8);
      const scale = scaler.flag('with_std') ? [multiply(rounded)] : [];
      const centre = scaler.flag('with_mean') ? [add('mean_', rounded)] : [];
      return elementwise(features, 'nan', [...scale, ...centre]);
    }
    case scalers.minMax:
      return elementwise(features, 'nan', [
        arithmetic('subtract', operandsOf(scaler, 'min_')),
        arithmetic('divide', operandsOf(scaler, 'scale_')),
      ]);
    case scalers.maxAbs:
      return elementwise(features, 'nan', [multiply()]);
    case scalers.robust: {
      const scale = scaler.flag('with_scaling') ? [multiply()] : [];
      const centre = scaler.flag('with_centering') ? [add('center_')] : [];
      return elementwise(features, 'nan', [...scale, ...centre]);
    }
    default:
      return scaler.refuse('', `${describePython(scaler.object)} has no inverse here`);
  }
}
