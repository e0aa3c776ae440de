import type {
  CountSketch,
  Elementwise,
  FunctionName,
  Linear,
  Node,
  UnionPart,
} from '../../src/ir/index.js';
import { exp } from '../../src/math/exp.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import { readMatrix, transpose } from './kernels.js';
import { constant, elementwise } from './preprocessing.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.kernel_approximation: what samples kernels' Fourier features */
export const kernelSamplerTable: LoweringTable = {
  'sklearn.kernel_approximation.RBFSampler': lowerGaussian,
  'sklearn.kernel_approximation.SkewedChi2Sampler': lowerSkewed,
  'sklearn.kernel_approximation.AdditiveChi2Sampler': lowerAdditive,
  'sklearn.kernel_approximation.PolynomialCountSketch': lowerSketch,
};

/** Cosines of projections, of which the squares add up to about 1. */
function lowerGaussian(sampler: Estimator): Node {
  const projection = readProjection(sampler);
  const count = projection.outputs;
  // From 1.2 on it is a Python number.
  const factor = sampler.since(1, 2)
    ? Math.sqrt(2 / count)
    : numpyNumber(sampler, projection, Math.sqrt(2) / Math.sqrt(count));
  return { kind: 'pipeline', steps: [projection, cosines(sampler, count, factor)] };
}

/** The same of logarithms. Those of numbers that scikit-learn refuses are not finite, and refused by the projection. */
function lowerSkewed(sampler: Estimator): Node {
  const projection = readProjection(sampler);
  const { features, outputs } = projection;
  const skewedness = readNumber(sampler, 'skewedness');
  const logarithms = elementwise(features, 'refuse', [
    constant(sampler, 'add', skewedness, features),
    { operation: 'log' },
  ]);
  const factor = numpyNumber(sampler, projection, Math.sqrt(2) / Math.sqrt(outputs));
  return {
    kind: 'pipeline',
    steps: [logarithms, projection, cosines(sampler, outputs, factor)],
  };
}

function readProjection(sampler: Estimator): Linear {
  const features = sampler.features();
  const { shape, values } = readMatrix(sampler, 'random_weights_');
  const { shape: offsets, values: intercepts } = readMatrix(sampler, 'random_offset_');
  const outputs = shape[1]!;
  if (shape.length !== 2 || shape[0] !== features || `${offsets}` !== `${outputs}` || outputs < 1)
    sampler.refuse('random_weights_', `expected ${features} rows, found [${shape.join(', ')}]`);
  return {
    kind: 'linear',
    features,
    outputs,
    nonFinite: 'refuse',
    coefficients: transpose(values, outputs),
    intercepts,
    deviation: null,
    head: null,
  };
}

const cosines = (sampler: Estimator, count: number, factor: number): Elementwise =>
  elementwise(count, 'any', [{ operation: 'cos' }, constant(sampler, 'multiply', factor, count)]);

/** A factor that is a numpy scalar: float32 numbers meet it otherwise from version to version. */
function numpyNumber(sampler: Estimator, { coefficients }: Linear, value: number): number {
  if (coefficients instanceof Float32Array && Math.fround(value) !== value)
    sampler.refuse('random_weights_', 'float32 is multiplied differently from version to version');
  return value;
}

/**
 * √(x · s), and for each further step j, √(2 · x · s / cosh(π · j · s)) times the cosine and the sine of j · s · ln x; 0 where x is 0. Roots of negative numbers are not finite, and
 * refused by what multiplies.
 */
function lowerAdditive(sampler: Estimator): Node {
  // Of those of integers scikit-learn cuts off what follows the point.
  if (sampler.lowering.given.sparse)
    sampler.refuse('', 'of compressed rows is not supported: they may be integers');
  const features = sampler.features();
  const steps = sampler.integer('sample_steps');
  if (steps < 1 || steps > 1000)
    sampler.refuse('sample_steps', `expected 1 to 1000, found ${steps}`);
  const given = sampler.maybe('sample_interval');
  const usual = [0.8, 0.5, 0.4][steps - 1];
  const interval = given === null ? usual : readNumber(sampler, 'sample_interval');
  if (interval === undefined)
    return sampler.refuse('sample_interval', 'expected a number for so many steps');
  const by = (operation: 'multiply' | 'divide', value: number) =>
    constant(sampler, operation, value, features);
  const part = (...operations: Elementwise['operations']): UnionPart<Node> => ({
    columns: null,
    node: elementwise(features, 'refuse', operations),
  });
  const wave = (step: number, operation: FunctionName): UnionPart<Node> =>
    part(
      constant(sampler, 'void', 0, features),
      { operation: 'log' },
      by('multiply', interval),
      by('multiply', step),
      { operation },
      constant(sampler, 'fill', 0, features),
    );
  const parts = [part(by('multiply', interval), { operation: 'sqrt' })];
  const factors: number[][] = Array.from({ length: features }, (_, i) => [i]);
  for (let step = 1; step < steps; step++) {
    const first = parts.length * features;
    const height = Math.PI * step * interval;
    const cosh = (exp(height) + exp(-height)) / 2;
    parts.push(
      part(by('multiply', 2), by('multiply', interval), by('divide', cosh), { operation: 'sqrt' }),
      wave(step, 'cos'),
      wave(step, 'sin'),
    );
    for (const shift of [1, 2])
      for (let i = 0; i < features; i++) factors.push([first + i, first + shift * features + i]);
  }
  sampler.make(2 * factors.length);
  const width = parts.length * features;
  const products: Node = {
    kind: 'polynomial',
    features: width,
    nonFinite: 'refuse',
    starts: Uint32Array.from([0, ...factors], (_, i) => 2 * i - Math.min(i, features)),
    factors: Uint32Array.from(factors.flat()),
  };
  return { kind: 'pipeline', steps: [{ kind: 'union', features, parts, sparse: false }, products] };
}

function readNumber(sampler: Estimator, attribute: string): number {
  const value = unwrapScalar(sampler.get(attribute));
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : sampler.refuse(attribute, `expected a number, found ${describePython(value)}`);
}

/** Sketches of a polynomial's terms, of rows times √gamma with √coef0 after them. */
function lowerSketch(sampler: Estimator): Node {
  const features = sampler.features();
  const outputs = sampler.integer('n_components');
  const gamma = readNumber(sampler, 'gamma');
  const coef0 = readNumber(sampler, 'coef0');
  if (gamma < 0) sampler.refuse('gamma', 'negative');
  if (coef0 < 0) sampler.refuse('coef0', 'negative');
  const cells = features + (coef0 === 0 ? 0 : 1);
  const { values: columns, shape } = readMatrix(sampler, 'indexHash_');
  const { values: signs, shape: alike } = readMatrix(sampler, 'bitHash_');
  const fits =
    shape.length === 2 &&
    shape[0]! >= 1 &&
    shape[0]! <= 64 &&
    shape[1] === cells &&
    `${alike}` === `${shape}`;
  if (!fits)
    sampler.refuse('indexHash_', `expected 1 to 64 rows of ${cells}, found [${shape.join(', ')}]`);
  if (!columns.every((column) => Number.isInteger(column) && column >= 0 && column < outputs))
    sampler.refuse('indexHash_', `expected columns of ${outputs}`);
  if (!signs.every((sign) => Math.abs(sign) === 1)) sampler.refuse('bitHash_', 'expected 1 and −1');
  const scaled = elementwise(
    features,
    'refuse',
    [constant(sampler, 'multiply', Math.sqrt(gamma), features)],
    'float64',
  );
  const sketch: CountSketch = {
    kind: 'count-sketch',
    features,
    outputs,
    nonFinite: 'any',
    constant: coef0 === 0 ? null : Float64Array.of(Math.sqrt(coef0)),
    columns: Uint32Array.from(columns),
    negative: Uint8Array.from(signs, (sign) => (sign < 0 ? 1 : 0)),
  };
  return { kind: 'pipeline', steps: [scaled, sketch] };
}
