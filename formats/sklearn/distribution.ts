import type {
  Curve,
  CurveOperation,
  Interpolate,
  Node,
  PowerTransform,
  PowerTransformName,
} from '../../src/ir/index.js';
import { ndtri } from '../../src/math/normal.js';
import { toFloats } from './arrays.js';
import type { Estimator } from './estimator.js';
import { arithmetic, elementwise, lowerStandardScaler, scalers } from './preprocessing.js';
import type { LoweringTable } from './table.js';

export const distributionClasses = {
  power: 'sklearn.preprocessing._data.PowerTransformer',
  quantile: 'sklearn.preprocessing._data.QuantileTransformer',
} as const;

/** sklearn.preprocessing: what gives columns another distribution */
export const distributionTable: LoweringTable = {
  [distributionClasses.power]: lowerPowerTransformer,
  [distributionClasses.quantile]: lowerQuantileTransformer,
};

export const curve = (features: number, operations: readonly CurveOperation[]): Curve => ({
  kind: 'curve',
  features,
  nonFinite: 'nan',
  operations,
});

function lowerPowerTransformer(transformer: Estimator): Node {
  const features = transformer.features();
  const operations: CurveOperation[] = [];
  const isBoxCox = readMethod(transformer) === 'box-cox';
  // Box-Cox is of numbers above 0 only.
  if (isBoxCox)
    operations.push({
      operation: 'within',
      lows: filled(transformer, features, Number.MIN_VALUE),
      highs: filled(transformer, features, Number.POSITIVE_INFINITY),
    });
  // From 1.9 it is SciPy's.
  const ofSciPy = isBoxCox ? 'box-cox' : 'yeo-johnson';
  const name = isBoxCox || transformer.since(1, 9) ? ofSciPy : 'yeo-johnson-power';
  operations.push(powerTransform(transformer, name));
  const transform = curve(features, operations);
  const scaler = scalerOf(transformer);
  // A node of its own: it refuses what has become infinite.
  return scaler ? { kind: 'pipeline', steps: [transform, lowerStandardScaler(scaler)] } : transform;
}

/** The transform backwards, after the scaler is. */
export function powerBackwards(transformer: Estimator): PowerTransform {
  if (readMethod(transformer) === 'yeo-johnson')
    return powerTransform(transformer, 'inverse-yeo-johnson-power');
  const name = transformer.since(1, 6) ? 'inverse-box-cox' : 'inverse-box-cox-power';
  return powerTransform(transformer, name);
}

/** What scales a power transformer's columns at the end; null where nothing does. */
export const scalerOf = (transformer: Estimator): Estimator | null =>
  transformer.flag('standardize') ? transformer.child('_scaler', [scalers.standard]) : null;

function readMethod(transformer: Estimator): 'box-cox' | 'yeo-johnson' {
  const method = transformer.text('method');
  return method === 'box-cox' || method === 'yeo-johnson'
    ? method
    : transformer.refuse('method', 'expected box-cox or yeo-johnson');
}

function powerTransform(transformer: Estimator, operation: PowerTransformName): PowerTransform {
  const lambdas = toFloats(transformer.array('lambdas_'));
  if (lambdas?.length !== transformer.features() || !lambdas.every(Number.isFinite))
    return transformer.refuse('lambdas_', `expected ${transformer.features()} finite numbers`);
  // numpy 1, the newest when scikit-learn 1.4 came out, calculates in float64 of scalars alone, and rounds them to what they meet.
  return transformer.since(1, 5)
    ? { operation, lambdas, rounded: false }
    : { operation, lambdas: Float64Array.from(lambdas), rounded: true };
}

const filled = (estimator: Estimator, features: number, value: number): Float64Array => {
  estimator.make(features);
  return new Float64Array(features).fill(value);
};

/** How near to an end numbers are taken for it, where the output is normal. */
const boundsThreshold = 1e-7;

/** The share of the training data below a number, perhaps as a normally distributed number. */
function lowerQuantileTransformer(transformer: Estimator): Node {
  const features = transformer.features();
  if (transformer.lowering.given.sparse) transformer.refuse('', 'of sparse rows is not supported');
  if (!isNormal(transformer)) return curve(features, [quantiles(transformer, false)]);
  const least = boundsThreshold - 2 ** -52;
  const share = curve(features, [quantiles(transformer, true), { operation: 'ndtri' }]);
  const clip = elementwise(features, 'any', [
    arithmetic('maximum', filled(transformer, features, ndtri(least))),
    arithmetic('minimum', filled(transformer, features, ndtri(1 - least))),
  ]);
  return { kind: 'pipeline', steps: [share, clip] };
}

/** The number below which a share of the training data lies. */
export const quantilesBackwards = (transformer: Estimator): CurveOperation[] => [
  ...(isNormal(transformer) ? [{ operation: 'ndtr' } as const] : []),
  quantiles(transformer, isNormal(transformer), true),
];

function isNormal(transformer: Estimator): boolean {
  const distribution = transformer.text('output_distribution');
  if (distribution !== 'normal' && distribution !== 'uniform')
    transformer.refuse('output_distribution', 'expected normal or uniform');
  return distribution === 'normal';
}

function quantiles(transformer: Estimator, normal: boolean, backwards = false): Interpolate {
  const features = transformer.features();
  const { values: references } = transformer.numbers('references_', 1);
  const { values, shape } = transformer.numbers('quantiles_', 2);
  const count = references.length;
  if (count < 1 || shape[0] !== count || shape[1] !== features)
    transformer.refuse('quantiles_', `expected ${count} quantiles of ${features} columns`);
  // A single one is both ends: those of normal distributions differ.
  const width = Math.max(2, count);
  transformer.make(2 * width * features);
  const shares = new Float64Array(width * features);
  const numbers = new Float64Array(width * features);
  for (let i = 0; i < width * features; i++) {
    const place = Math.min(i % width, count - 1);
    numbers[i] = values[place * features + Math.floor(i / width)]!;
    shares[i] = count === 1 && normal && !backwards ? i % width : references[place]!;
    if (i % width > 0 && !(numbers[i]! >= numbers[i - 1]! && shares[i]! >= shares[i - 1]!))
      transformer.refuse('quantiles_', 'a column has no ascending quantiles');
  }
  const [places, results] = backwards ? [shares, numbers] : [numbers, shares];
  return {
    operation: 'interpolate',
    starts: Uint32Array.from({ length: features + 1 }, (_, i) => i * width),
    places,
    values: results,
    rule: backwards ? 'below' : 'both',
    margin: Float64Array.of(normal ? boundsThreshold : 0),
    outside: null,
  };
}
