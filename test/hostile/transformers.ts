import { pythonCharacters } from '../../formats/sklearn/characters.js';
import { packTerms } from '../../formats/sklearn/terms.js';
import { parseTokenPattern } from '../../formats/sklearn/token-pattern.js';
import type {
  Curve,
  Elementwise,
  Encode,
  Kernel,
  Polynomial,
  RowNorm,
  Spline,
  Tally,
  Vectorize,
} from '../../src/ir/index.js';

/** Small models of the kinds that transform: each kind with each of its fields, alone and in compositions. */

export type SmallModel = readonly [root: () => unknown, input: unknown];

const matrix = (features: number, names: readonly string[] | null = null) => ({
  type: 'matrix',
  features,
  names,
});

/** A table whose columns are called what must stay harmless. */
const names = ['__proto__', 'größe', '', 'constructor', 'toString', 'a', 'b'];
const table = (...types: string[]) => ({
  type: 'columns',
  columns: types.map((type, i) => ({
    name: names[i]!,
    type,
    categories: type === 'category' ? ['a', 'b', 'c'] : null,
  })),
});

export const pipeline = (...steps: unknown[]) => ({ kind: 'pipeline', steps });
const columns = (...indices: number[]) => Uint32Array.from(indices);
export const part = (indices: readonly number[] | null, node: unknown = null) => ({
  columns: indices && Uint32Array.from(indices),
  node,
});
export const union = (features: number, sparse: boolean, ...parts: unknown[]) => ({
  kind: 'union',
  features,
  parts,
  sparse,
});

const regressor = { task: 'regressor', targets: 1, flat: true, link: 'identity' };
export const linear = (features: number, type: typeof Float64Array | typeof Float32Array) => ({
  kind: 'linear',
  features,
  outputs: 1,
  nonFinite: 'refuse',
  coefficients: type.from(Array.from({ length: features }, (_, i) => ((i * 7) % 5) / 4 - 0.4)),
  intercepts: type.of(0.25),
  deviation: null,
  head: regressor,
});

/** Topics of counts, or what else steps find. */
const topics = (
  features: number,
  outputs: number,
  type: typeof Float64Array | typeof Float32Array,
  update = 'variational',
) => ({
  kind: 'factorization',
  features,
  outputs,
  nonFinite: 'refuse',
  components: type.from(
    Array.from({ length: features * outputs }, (_, i) => ((i * 5) % 7) / 8 + 0.01),
  ),
  update,
  penalties: update === 'variational' ? Float64Array.of(0.25) : Float64Array.of(0.125, 0.25),
  iterations: 12,
  tolerance: Float64Array.of(0.001),
});

/** A pursuit of atoms that are not alike. */
const pursue = (
  features: number,
  outputs: number,
  nonzeros: number,
  type: typeof Float64Array | typeof Float32Array,
) => ({
  kind: 'pursuit',
  features,
  outputs,
  nonFinite: 'refuse',
  atoms: type.from(
    Array.from(
      { length: features * outputs },
      (_, i) => ((i * 5) % 7) / 4 - 0.7 + (i % (features + 1) === 0 ? 2 : 0),
    ),
  ),
  nonzeros,
});

/** Products that are handed on. */
export const project = (
  features: number,
  outputs: number,
  type: typeof Float64Array | typeof Float32Array,
) => {
  const { coefficients } = linear(features * outputs, type);
  const intercepts = type.from(coefficients.subarray(0, outputs));
  const uncertainty = {
    coefficients: Float64Array.from(coefficients, Math.abs),
    intercepts: Float64Array.from(intercepts, Math.abs),
  };
  return { ...linear(features, type), outputs, coefficients, intercepts, uncertainty, head: null };
};

/** A tree of one split a feature, in the narrow layout. */
export const stumps = (features: number) => {
  const bits = Math.ceil(Math.log2(features + 1));
  const words = (feature: number) => {
    const operand = new Uint32Array(Float32Array.of(0.5).buffer)[0]!;
    const leaf = (value: number) => [...new Uint32Array(Float64Array.of(value).buffer)];
    const link = (1 << (4 + bits)) | (feature << 4) | 7;
    return [operand, link, ...leaf(feature), ...leaf(feature + 0.5)];
  };
  return {
    kind: 'trees',
    features,
    outputs: 1,
    precision: 'float32',
    nonFinite: 'nan',
    layout: 'narrow',
    featureBits: bits,
    nodes: Uint32Array.from(Array.from({ length: features }, (_, i) => words(i)).flat()),
    starts: Uint32Array.from({ length: features + 1 }, (_, i) => i * 3),
    depths: new Uint8Array(features).fill(1),
    leafColumns: 1,
    leaves: null,
    treeOutputs: new Uint8Array(features),
    treeWeights: null,
    base: null,
    aggregation: 'mean',
    divisor: null,
    isolation: null,
    categories: null,
    nodeIds: null,
    covers: null,
    paths: null,
    pathsMissing: null,
    pathsNonFinite: null,
    head: regressor,
  };
};

export const arithmetic = (operation: string, ...operands: number[]) => ({
  operation,
  operands: Float64Array.from(operands),
  rounded: operands.length % 2 === 1,
});
export const elementwise = (
  features: number,
  nonFinite: Elementwise['nonFinite'],
  ...operations: (object | string)[]
) => ({
  kind: 'elementwise',
  features,
  nonFinite,
  type: null,
  operations: operations.map((one) => (typeof one === 'string' ? { operation: one } : one)),
});
const scale = (features: number) =>
  elementwise(
    features,
    'nan',
    arithmetic('subtract', ...Array.from({ length: features }, (_, i) => i / 3)),
    arithmetic('divide', ...Array.from({ length: features }, (_, i) => i + 0.7)),
  );

/** What becomes of categories, of a missing cell if that is one, and of all that is none: null for an error. */
export const texts = (
  values: readonly string[],
  missing: boolean,
  marks: readonly number[],
  unknown: number | null,
) => ({
  strings: [...values] as string[] | null,
  numbers: null as Float64Array | null,
  missing: missing || unknown !== null,
  unknown: unknown !== null,
  width: Math.max(...marks) + 1,
  values: null,
  marks: Int32Array.from([
    ...marks,
    ...(unknown === null ? [] : missing ? [unknown] : [unknown, unknown]),
  ]),
});
export const integers = (
  values: readonly number[],
  missing: boolean,
  marks: readonly number[],
  unknown: number | null,
) => ({ ...texts([], missing, marks, unknown), strings: null, numbers: Float64Array.from(values) });
export const oneHot = (sparse: boolean, type: Encode['type'], ...cols: unknown[]) => ({
  kind: 'encode',
  features: cols.length,
  nonFinite: 'nan',
  type,
  sparse,
  columns: cols,
});
/** A column that is marked where it is missing, or (not asked) is nothing, and perhaps may not be missing. */
export const gap = (asked: boolean, taken = true) => ({
  strings: null,
  numbers: null,
  missing: taken,
  unknown: true,
  width: Number(asked),
  values: null,
  marks: Int32Array.from([asked ? 0 : -1, -1].slice(taken ? 0 : 1)),
});
/** Two columns of numbers become five of zeros and ones. */
const digits = (sparse: boolean, type: Encode['type'] = null) =>
  oneHot(
    sparse,
    type,
    integers([0, 1, 2], false, [0, 1, 2], 0),
    integers([-1, 0.5], true, [0, -1, 1], -1),
  );
const values = (column: object, width: number, ...numbers: number[]) => ({
  ...column,
  width,
  values: Float64Array.from(numbers),
  marks: null,
});
const encodeTexts = (type: Encode['type'], ...numbers: number[]) =>
  oneHot(false, type, values(texts(['a', 'b', '__proto__'], true, [], 0), 2, ...numbers, 9, 8));
export const fill = (...numbers: number[]) =>
  elementwise(numbers.length, 'nan', {
    operation: 'fill',
    operands: Float64Array.from(numbers),
    rounded: false,
  });
export const impute = (missing: string | null, ...strings: string[]) => ({
  kind: 'impute',
  features: strings.length,
  missing,
  strings,
});
const bin = (starts: readonly number[], ...edges: number[]) => ({
  operation: 'bin',
  starts: Uint32Array.from(starts),
  edges: Float64Array.from(edges),
});
export const rowNorm = (features: number, norm: RowNorm['norm']) => ({
  kind: 'row-norm',
  features,
  nonFinite: 'refuse',
  norm,
});
export const polynomial = (features: number, ...products: number[][]) =>
  ({
    kind: 'polynomial',
    features,
    nonFinite: 'refuse',
    starts: Uint32Array.from([0, ...products], (_, i) => products.slice(0, i).flat().length),
    factors: Uint32Array.from(products.flat()),
  }) satisfies Polynomial;

/** Comparisons with two references of numbers from 0 on. */
export const kernel = (
  features: number,
  steps: Kernel['steps'],
  operands: readonly number[],
  type: typeof Float64Array | typeof Float32Array = Float64Array,
  diagonal = true,
) => ({
  kind: 'kernel',
  features,
  nonFinite: 'refuse',
  references: type.from(Array.from({ length: 2 * features }, (_, i) => (i % 3) / 3)),
  steps,
  operands: Float64Array.from(operands),
  diagonal,
});

export const tally = (changes: Partial<Tally> = {}): Tally => ({
  kind: 'tally',
  features: 1,
  form: 'record',
  type: 'float64',
  separator: '=',
  strings: null,
  numbers: null,
  hash: null,
  binary: false,
  sparse: false,
  ...changes,
});
const hashed = (changes: Partial<Tally>) =>
  tally({ hash: { columns: 5, signed: true }, sparse: true, ...changes });

/** Seven stored rows of small numbers, some of them as far from others. */
export const neighbors = (features: number, changes: Readonly<Record<string, unknown>> = {}) => ({
  kind: 'neighbors',
  features,
  nonFinite: 'refuse',
  rows: Float64Array.from({ length: 7 * features }, (_, i) => ((i * 5) % 7) / 2 - 1),
  metric: 'euclidean',
  power: null,
  scales: null,
  nearest: 3,
  radius: null,
  tree: null,
  source: 'exact',
  combine: 'distances',
  weigh: 'uniform',
  widths: null,
  classes: null,
  targets: null,
  empty: null,
  ...changes,
});
/** Seven stored rows with gaps; none has the last column. */
const donors = (features: number, changes: Readonly<Record<string, unknown>> = {}) => ({
  kind: 'donors',
  features,
  nonFinite: 'nan',
  rows: Float64Array.from({ length: 7 * features }, (_, i) =>
    i % 4 === 1 || (features > 2 && i % features === features - 1) ? NaN : ((i * 5) % 7) / 2 - 1,
  ),
  nearest: 3,
  weigh: 'uniform',
  distant: false,
  ...changes,
});
const within = (radius: number) => ({ nearest: null, radius: Float64Array.of(radius) });
const searched = (form: string, levels: number) => ({
  tree: { form, levels, order: Uint32Array.of(3, 1, 6, 0, 2, 5, 4) },
});
const classes = (...widths: number[]) => ({
  combine: 'shares',
  widths: Uint32Array.from(widths),
  classes: Uint8Array.from({ length: 7 * widths.length }, (_, i) => i % widths[i % widths.length]!),
});
const targets = (outputs: number, type: typeof Float64Array | typeof Float32Array) => ({
  targets: type.from(Array.from({ length: 7 * outputs }, (_, i) => ((i * 3) % 11) / 3 - 1.5)),
});

/** So many sums of cells, with signs. */
const countSketch = (features: number, outputs: number, sums: number, constant: number | null) => {
  const count = sums * (features + (constant === null ? 0 : 1));
  return {
    kind: 'count-sketch',
    features,
    outputs,
    nonFinite: 'refuse',
    constant: constant === null ? null : Float64Array.of(constant),
    columns: Uint32Array.from({ length: count }, (_, i) => (i * 7) % outputs),
    negative: Uint8Array.from({ length: count }, (_, i) => (i % 3 === 1 ? 1 : 0)),
  };
};

/** Few runs, so that a file is small. */
const latinCharacters = (() => {
  const { starts, sorts } = pythonCharacters();
  const runs = starts.findIndex((start) => start >= 0x180);
  return {
    starts: Uint32Array.of(...starts.subarray(0, runs), 0x180, 0x110000),
    sorts: Uint8Array.of(...sorts.subarray(0, runs), 4),
  };
})();

export const vectorize = (changes: Partial<Vectorize> = {}): Vectorize => ({
  kind: 'vectorize',
  features: 1,
  type: 'float64',
  analyzer: 'word',
  lowercase: true,
  accents: null,
  characters: latinCharacters,
  pattern: parseTokenPattern('(?u)\\b\\w\\w+\\b', (message) => {
    throw new Error(message);
  }),
  stopWords: null,
  smallest: 1,
  largest: 1,
  vocabulary: packTerms(['größe', 'to', 'string', 'ä ö', 'größe to']),
  hash: null,
  binary: false,
  ...changes,
});
const characters = (changes: Partial<Vectorize>) =>
  vectorize({ analyzer: 'char_wb', pattern: null, ...changes });

const curve = (
  features: number,
  nonFinite: Curve['nonFinite'],
  ...operations: (object | string)[]
) => ({
  kind: 'curve',
  features,
  nonFinite,
  operations: operations.map((one) => (typeof one === 'string' ? { operation: one } : one)),
});
const spline = (changes: Partial<Spline>): Spline => ({
  kind: 'spline',
  features: 2,
  nonFinite: 'any',
  degree: 2,
  knots: Float64Array.of(-3, -2, -1, 0, 0.5, 2, 3, -1, -1, 0, 0, 0.5, 1, 1),
  beyond: 'continue',
  withoutLast: false,
  sparse: false,
  ...changes,
});
const line = (rule: string, changes: object = {}) => ({
  operation: 'interpolate',
  starts: Uint32Array.of(0, 4, 5),
  places: Float64Array.of(-1, 0.1, 0.1, 2, 1),
  values: Float64Array.of(0, 0.3, -1, 7, 0.5),
  rule,
  margin: null,
  outside: null,
  ...changes,
});
const power = (operation: string, rounded: boolean, lambdas: Float64Array | Float32Array) =>
  curve(lambdas.length, 'nan', { operation, lambdas, rounded });

export const smallTransformers: Readonly<Record<string, SmallModel>> = {
  'elementwise, arithmetic': [
    () =>
      elementwise(
        3,
        'any',
        arithmetic('subtract', 0.1, -0.2, 1e-3),
        arithmetic('divide', 3, 0.7, -0.3),
        arithmetic('maximum', -1, -1, Number.NaN),
        arithmetic('minimum', 1, 2, Infinity),
        arithmetic('multiply', 0.1, 1e300, -0),
        { ...arithmetic('add', 0.3, 0, 5e-324), rounded: false },
        arithmetic('flush', 0.1, Number.NaN, 0),
        arithmetic('shrink', 0.1, -1, 0),
      ),
    matrix(3, ['a', 'b', 'c']),
  ],
  'elementwise, threshold': [
    () => elementwise(2, 'refuse', { ...arithmetic('greater', 0.1, -1), rounded: true }),
    matrix(2),
  ],
  'elementwise, functions that are exact': [
    () =>
      pipeline(
        elementwise(3, 'any', 'negative', 'rint', 'absolute'),
        elementwise(3, 'any', 'reciprocal', 'sqrt', 'square', 'ceil'),
        elementwise(3, 'nan', 'sign', 'floor', 'trunc'),
      ),
    matrix(3),
  ],
  'elementwise, exp and log': [
    () =>
      union(
        2,
        false,
        part(null, elementwise(2, 'nan', 'exp', 'log1p', 'expit')),
        part([1], elementwise(1, 'any', 'sin', 'cos', 'exp2', 'expm1', 'tanh', 'absolute', 'log')),
      ),
    matrix(2),
  ],
  'broken lines': [
    () =>
      union(
        2,
        false,
        part(null, curve(2, 'any', line('below', { outside: 'nan' }))),
        part(null, curve(2, 'nan', line('both', { margin: Float64Array.of(0) }))),
        part(null, curve(2, 'nan', line('both', { margin: Float64Array.of(1e-7) }))),
        part(
          null,
          pipeline(
            { ...elementwise(2, 'nan', 'positive'), type: 'float32' },
            curve(2, 'nan', line('single')),
          ),
        ),
      ),
    matrix(2),
  ],
  'ranges and the normal distribution': [
    () =>
      union(
        2,
        false,
        part(
          null,
          curve(
            2,
            'any',
            {
              operation: 'within',
              lows: Float64Array.of(-1e6, Number.NEGATIVE_INFINITY),
              highs: Float64Array.of(1e6, Number.NaN),
            },
            'ndtr',
          ),
        ),
        part([1], curve(1, 'nan', 'ndtr', 'ndtri')),
      ),
    matrix(2),
  ],
  'powers of columns': [
    () =>
      union(
        2,
        false,
        part(null, power('yeo-johnson', false, Float32Array.of(0.3, 2.5))),
        part(null, power('yeo-johnson-power', false, Float64Array.of(0, 1.5))),
        part(null, power('yeo-johnson-power', true, Float64Array.of(2, -0.25))),
        part(null, power('inverse-yeo-johnson-power', false, Float64Array.of(0.3, 0))),
        part(
          null,
          pipeline(
            elementwise(2, 'nan', 'absolute'),
            power('box-cox', false, Float64Array.of(0.5, -1e-20)),
          ),
        ),
        part(null, power('inverse-box-cox', true, Float64Array.of(-2, 0))),
        part(null, power('inverse-box-cox-power', true, Float32Array.of(0.5, 0))),
      ),
    matrix(2),
  ],
  'similarities, centred': [
    () => ({
      kind: 'center',
      features: 3,
      nonFinite: 'any',
      means: Float64Array.of(0.1, -2, 1e-3),
      mean: Float64Array.of(0.7),
    }),
    matrix(3),
  ],
  'splines, beyond their knots': [
    () =>
      union(
        2,
        false,
        part(null, spline({})),
        part(null, spline({ beyond: 'constant', withoutLast: true })),
        part(null, spline({ beyond: 'linear', nonFinite: 'nan' })),
        part(null, spline({ beyond: 'periodic', sparse: true })),
      ),
    matrix(2),
  ],
  'splines of degrees 0 and 1': [
    () =>
      union(
        2,
        false,
        part(null, spline({ degree: 0, beyond: 'linear' })),
        part(null, spline({ degree: 1, beyond: 'linear', sparse: true })),
      ),
    matrix(2),
  ],
  'missing cells, predicted in rounds': [
    () =>
      pipeline(elementwise(3, 'nan'), {
        kind: 'rounds',
        features: 3,
        fills: Float64Array.of(0.5, -1, 2),
        lows: Float64Array.of(-1, Number.NEGATIVE_INFINITY, 0),
        highs: Float64Array.of(1, 0.25, Infinity),
        parts: [
          { column: 0, columns: Uint32Array.of(2, 1), node: stumps(2) },
          { column: 2, columns: Uint32Array.of(0), node: stumps(1) },
          { column: 0, columns: Uint32Array.of(2, 1), node: stumps(2) },
        ],
      }),
    matrix(3),
  ],
  'missing cells of neighbours': [() => donors(3), matrix(3)],
  'missing cells of neighbours, by distance': [
    () => donors(2, { weigh: 'distance', nearest: 2 }),
    matrix(2),
  ],
  'missing cells of neighbours that may be far, float32': [
    () =>
      pipeline(
        { ...elementwise(3, 'nan', 'positive'), type: 'float32' },
        donors(3, {
          rows: Float32Array.of(1, NaN, NaN, NaN, 0.5, NaN, NaN, -2, 0.1, 3, NaN, 1),
          nearest: 4,
          distant: true,
        }),
      ),
    matrix(3),
  ],
  'elementwise, nothing': [() => elementwise(2, 'refuse'), matrix(2)],
  'impute numbers and strings': [
    () =>
      pipeline(
        union(
          5,
          false,
          part([0], { ...fill(1.5), type: 'float64' }),
          part([1, 2], impute(null, 'größe', '')),
          part([3], { ...fill(-2), type: 'float64' }),
          part([4], impute(null, 'b')),
        ),
        union(5, false, part([1, 4, 2]), part([3, 0, 0], scale(3))),
      ),
    table('number', 'string', 'category', 'boolean', 'string'),
  ],
  'impute numbers that stand for missing ones': [
    () =>
      elementwise(
        2,
        'any',
        { ...arithmetic('void', 0.1, 0.1), rounded: true },
        arithmetic('fill', 7, Number.NaN),
      ),
    matrix(2),
  ],
  'impute strings that stand for missing ones': [
    () => union(2, false, part([0], impute('unheard of', 'b')), part([1])),
    table('string', 'number'),
  ],
  'impute a table of numbers': [
    () => union(2, false, part([0, 1], fill(1, 2))),
    table('number', 'boolean'),
  ],
  'impute a table of strings': [() => impute(null, '', 'größe'), table('string', 'category')],
  'mask of what is missing': [
    () =>
      union(
        4,
        false,
        part(null, oneHot(false, 'uint8', gap(true), gap(true), gap(false, false), gap(true))),
        part([0, 3]),
      ),
    table('number', 'string', 'unused', 'category'),
  ],
  'sparse mask of what is missing': [
    () =>
      pipeline(elementwise(3, 'any', { ...arithmetic('void', -1, -1, 0.1), rounded: true }), {
        ...oneHot(true, 'uint8', gap(false), gap(true), gap(true)),
        nonFinite: 'any',
      }),
    matrix(3),
  ],
  'one-hot of a table, dense': [
    () =>
      pipeline(
        union(
          4,
          false,
          part(
            [3, 1],
            oneHot(
              false,
              'float32',
              texts(['a', 'b', 'c'], false, [0, 1, 1], 1),
              texts(['a', '', '__proto__'], true, [-1, 0, 1, 2], -1),
            ),
          ),
          part([0], oneHot(false, 'uint8', integers([0, 1], true, [0, 1, 2], 2))),
          part([0], pipeline(fill(0), scale(1))),
        ),
        linear(9, Float64Array),
      ),
    table('number', 'string', 'unused', 'category'),
  ],
  'one-hot, sparse, unknown ones refused': [
    () =>
      oneHot(
        true,
        'float64',
        texts(['a', 'b', '7'], true, [2, 0, 1, 0], null),
        integers([1, 0], false, [0, 1], 0),
      ),
    table('string', 'boolean'),
  ],
  'sparse rows through every kind, then linear': [
    () =>
      pipeline(
        digits(true, 'float32'),
        elementwise(5, 'nan', { ...arithmetic('divide', 3, 0.7, -0.3, 1, 2) }, 'negative'),
        elementwise(
          5,
          'any',
          { ...arithmetic('void', -1, -1, -1, -1, -1), rounded: true },
          arithmetic('fill', 1, 1, 1, 1, 1),
        ),
        { kind: 'select', features: 5, columns: columns(4, 0, 0, 2) },
        polynomial(4, [0], [0, 1], [1, 2, 3], [3]),
        union(4, true, part([3, 1]), part(null, rowNorm(4, 'l2')), part([0, 2])),
        linear(8, Float32Array),
      ),
    matrix(2),
  ],
  'similarities, float32 where rows are': [
    () =>
      union(
        2,
        false,
        part(
          null,
          kernel(2, ['dot', 'multiply', 'add', 'power'], [0.3, 1, 2], Float32Array, false),
        ),
        part([1], kernel(1, ['squared-distance', 'multiply', 'exp'], [-0.7], Float32Array)),
        part(null, kernel(2, ['cosine'], [], Float32Array)),
        part([0], pipeline(elementwise(1, 'refuse', 'absolute'), kernel(1, ['additive-chi2'], []))),
      ),
    matrix(2),
  ],
  'sketches of terms': [
    () =>
      union(
        2,
        false,
        part(null, countSketch(2, 5, 3, 0.5)),
        part([1], pipeline(elementwise(1, 'any', 'sign'), countSketch(1, 3, 1, null))),
      ),
    matrix(2),
  ],
  'a sketch of compressed rows': [() => pipeline(digits(true), countSketch(5, 4, 2, 1)), matrix(2)],
  'chi-square of what may be negative': [() => kernel(2, ['additive-chi2'], []), matrix(2)],
  'kernels added and multiplied': [
    () =>
      kernel(
        2,
        [
          ...(['constant', 'squared-differences', 'multiply', 'exp', 'product'] as const),
          ...(['noise', 'sum', 'squared-differences', 'sqrt', 'matern-3/2', 'sum'] as const),
          ...(['manhattan', 'matern-5/2', 'product', 'dot', 'integer-power', 'sum'] as const),
          ...(['manhattan', 'sin', 'square', 'divide', 'tanh', 'sum'] as const),
        ],
        [1.5, 0.7, -2, -0.5, 0.25, 3, 1, 3, 0.3],
      ),
    matrix(2),
  ],
  'distances of compressed rows': [
    () => pipeline(digits(true), kernel(5, ['squared-distance', 'sqrt'], [])),
    matrix(2),
  ],
  'neighbours, and how far they are': [() => neighbors(2), matrix(2)],
  'neighbours in boxes': [() => neighbors(2, searched('kd', 3)), matrix(2)],
  'neighbours in balls, weighed': [
    () =>
      neighbors(2, {
        ...searched('ball', 3),
        ...classes(2, 3),
        weigh: 'distance',
        metric: 'canberra',
      }),
    matrix(2),
  ],
  'neighbours within a radius': [
    () => neighbors(2, { ...within(1.2), combine: 'connectivity', metric: 'manhattan' }),
    matrix(2),
  ],
  'classes within a radius': [
    () =>
      neighbors(2, {
        ...within(0.8),
        ...classes(2, 3),
        ...searched('kd', 2),
        metric: 'chebyshev',
        empty: Float64Array.of(-1, 2),
      }),
    matrix(2),
  ],
  'classes within a radius, which rows must have': [
    () => neighbors(2, { ...within(1), ...classes(3), nonFinite: 'any', metric: 'braycurtis' }),
    matrix(2),
  ],
  'means of neighbours, float32': [
    () => neighbors(2, { combine: 'means', ...targets(1, Float32Array) }),
    matrix(2),
  ],
  'means within a radius': [
    () =>
      neighbors(1, {
        ...within(0.75),
        ...targets(2, Float64Array),
        combine: 'means',
        weigh: 'distance',
        empty: Float64Array.of(NaN, -1),
      }),
    matrix(1),
  ],
  'neighbours by powers': [
    () =>
      neighbors(2, {
        metric: 'minkowski',
        power: Float64Array.of(3),
        scales: Float64Array.of(0.5, 2),
        source: 'products',
      }),
    matrix(2),
  ],
  'sums of neighbours of compressed rows': [
    () =>
      pipeline(
        digits(true),
        neighbors(5, {
          combine: 'sums',
          ...targets(3, Float64Array),
          metric: 'seuclidean',
          scales: Float64Array.of(1, 2, 0.5, 3, 4),
        }),
      ),
    matrix(2),
  ],
  'outliers, float32': [
    () =>
      neighbors(2, {
        rows: Float32Array.from({ length: 14 }, (_, i) => ((i * 5) % 7) / 3 - 1),
        combine: 'outlier-factor',
        ...targets(2, Float32Array),
      }),
    matrix(2),
  ],
  'angles, sorted in parts': [
    () => neighbors(2, { metric: 'cosine', source: 'partition', combine: 'connectivity' }),
    matrix(2),
  ],
  'a pursuit of few atoms': [
    () =>
      union(
        3,
        false,
        part(null, pursue(3, 4, 2, Float64Array)),
        part([0, 2], pursue(2, 2, 2, Float32Array)),
      ),
    matrix(3),
  ],
  'topics of few words': [() => topics(3, 2, Float64Array), matrix(3)],
  'topics, float32': [() => pipeline(topics(2, 3, Float32Array), rowNorm(3, 'l1')), matrix(2)],
  'shares one by one': [() => topics(3, 2, Float64Array, 'coordinates'), matrix(3)],
  'shares by products': [() => topics(3, 2, Float64Array, 'frobenius'), matrix(3)],
  'shares by ratios': [() => topics(3, 3, Float64Array, 'kullback-leibler-change'), matrix(3)],
  projections: [
    () =>
      union(
        3,
        false,
        part(null, project(3, 4, Float64Array)),
        part([2, 0], pipeline(project(2, 1, Float32Array), rowNorm(1, 'max'))),
        part([1, 2], pipeline(digits(false, 'float32'), project(5, 2, Float32Array))),
        part([0, 1], pipeline(digits(true, 'float32'), project(5, 3, Float32Array))),
      ),
    matrix(3),
  ],
  'sparse rows, norms': [
    () =>
      pipeline(
        union(2, true, part(null, digits(true)), part(null, elementwise(2, 'nan', 'square'))),
        union(
          7,
          true,
          part(null, rowNorm(7, 'l1')),
          part([6, 0, 3], rowNorm(3, 'max')),
          part([5, 6], rowNorm(2, 'l2')),
        ),
      ),
    matrix(2),
  ],
  'sparse rows, then trees': [() => pipeline(digits(true), stumps(5)), matrix(2)],
  'encode strings': [
    () => encodeTexts('float64', 0.1, 1, 2, 3, Number.NaN, 5, 6, -0),
    table('string'),
  ],
  'encode one nameless column': [
    () => oneHot(false, 'float64', values(texts(['a', 'b'], false, [], null), 1, 0, 1)),
    { type: 'columns', columns: [{ name: null, type: 'string', categories: null }] },
  ],
  'encode as small integers and as float32': [
    () =>
      union(
        2,
        false,
        part([0], encodeTexts('uint8', 0, 1, 2, 3, 4, 5, 6, 255)),
        part([0], encodeTexts('float32', 0.1, 1, 2, 3, 4, 5, 6, 1e-50)),
        part(
          [1],
          oneHot(false, 'uint8', values(integers([1, 0, 3.5], false, [], 0), 1, 3, 2, 1, 0, 0)),
        ),
      ),
    table('string', 'number'),
  ],
  'bins, then trees': [
    () =>
      pipeline(
        fill(0, 0),
        { ...elementwise(2, 'refuse', 'positive'), type: 'float32' },
        elementwise(2, 'refuse', bin([0, 3, 5], -1, 0.1, 0.1, -Infinity, 2)),
        stumps(2),
      ),
    matrix(2),
  ],
  'bins as small integers, marked': [
    () =>
      pipeline(
        { ...elementwise(2, 'refuse', bin([0, 0, 2], 0, 1)), type: 'uint8' },
        oneHot(
          false,
          null,
          integers([0], false, [0], null),
          integers([0, 1, 2], false, [2, 1, 0], null),
        ),
      ),
    matrix(2),
  ],
  'norms of rows': [
    () =>
      union(
        9,
        false,
        part(null, rowNorm(9, 'l2')),
        part([0, 1], rowNorm(2, 'l1')),
        part([2, 3, 4, 5], rowNorm(4, 'max')),
        part([8]),
      ),
    matrix(9),
  ],
  'products of columns': [
    () => polynomial(3, [], [0], [2, 2], [0, 1, 2], [1, 1, 1]),
    matrix(3, ['toString', 'b', 'a']),
  ],
  'a union in a union, of strings and numbers': [
    () =>
      union(
        5,
        false,
        part([4, 0, 1], union(3, false, part(null), part([2, 0]))),
        part([], null),
        part(
          [2, 3],
          oneHot(true, null, texts(['a'], false, [0], -1), integers([0], true, [0, 1], -1)),
        ),
      ),
    table('number', 'string', 'category', 'boolean', 'number'),
  ],
  'a table of numbers as it is': [
    () => pipeline(union(3, false, part(null)), scale(3)),
    table('number', 'boolean', 'unused'),
  ],
  'items of records, in columns of a table': [
    () =>
      union(
        3,
        true,
        part([0], tally({ strings: ['a', 'a=b', '__proto__', 'x', '', '=a'] })),
        part([0], tally({ strings: ['x'], type: 'float32', separator: '', binary: true })),
        part([1], fill(0)),
        part([2], tally({ form: 'list', strings: ['a', 'b', 'constructor'], sparse: true })),
      ),
    table('record', 'number', 'list'),
  ],
  'hashes of items': [
    () =>
      pipeline(
        union(
          3,
          true,
          part([0], hashed({ separator: ' is ' })),
          part([0], hashed({ type: 'float32' })),
          part([1], hashed({ form: 'pairs', hash: { columns: 3, signed: false } })),
          part([2], hashed({ form: 'list', binary: true })),
        ),
        linear(18, Float64Array),
      ),
    table('record', 'pairs', 'list'),
  ],
  'whole numbers of records': [
    () => tally({ strings: ['a', 'b', 'x'], type: 'int32' }),
    { type: 'columns', columns: [{ name: null, type: 'record', categories: null }] },
  ],
  'labels that are numbers': [
    () =>
      tally({
        form: 'list',
        numbers: Float64Array.of(-1, 0, 3, 7, 0.5),
        binary: true,
        type: 'int64',
      }),
    { type: 'columns', columns: [{ name: null, type: 'list', categories: null }] },
  ],
  'words of documents': [
    () => vectorize({ largest: 2, stopWords: packTerms(['to', 'no']), accents: 'unicode' }),
    { type: 'text' },
  ],
  'documents among columns, hashed': [
    () =>
      pipeline(
        union(
          3,
          true,
          part([1], vectorize({ vocabulary: null, hash: { columns: 8, signed: true } })),
          part([0], scale(1)),
          part([2], vectorize({ binary: true, type: 'float32' })),
        ),
        rowNorm(14, 'l2'),
      ),
    table('number', 'string', 'category'),
  ],
  'characters of documents': [
    () =>
      union(
        1,
        true,
        part(
          null,
          characters({ smallest: 2, largest: 4, vocabulary: packTerms([' a', 'ö', 'ing ', '']) }),
        ),
        part(
          null,
          characters({
            analyzer: 'char',
            lowercase: false,
            accents: 'ascii',
            vocabulary: null,
            hash: { columns: 5, signed: false },
          }),
        ),
      ),
    { type: 'text' },
  ],
};
