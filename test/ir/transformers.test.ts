import { describe, expect, test } from 'vitest';
import { NuthatchError } from '../../src/errors.js';
import { type RunnableModel, validateRunnable } from '../../src/ir/index.js';

/** What validation says of the kinds that transform: a sound node of each, and for each rule one that breaks it. */

type Plain = Readonly<Record<string, unknown>>;

const matrix = { type: 'matrix', features: 2 };
const floats = (...values: number[]) => Float64Array.from(values);
const indices = (...values: number[]) => Uint32Array.from(values);
const column = (type: string, name?: string) => ({ name, type });
const table = (...types: string[]) => ({
  type: 'columns',
  columns: types.map((type, i) => column(type, `c${i}`)),
});

const divide = { operation: 'divide', operands: floats(1, 2), rounded: true };
const elementwise = {
  kind: 'elementwise',
  features: 2,
  nonFinite: 'nan',
  operations: [divide, { operation: 'log1p' }],
};
const operating = (...operations: unknown[]): Plain => ({ ...elementwise, operations });
const bending = (...operations: unknown[]): Plain => ({
  ...elementwise,
  kind: 'curve',
  operations,
});
const bins = { operation: 'bin', starts: indices(0, 1, 3), edges: floats(0, -1, -1) };
const bin = { ...elementwise, nonFinite: 'refuse', type: 'uint8', operations: [bins] };
const line = {
  operation: 'interpolate',
  starts: indices(0, 1, 3),
  places: floats(0, -1, -1),
  values: floats(1, 2, 0),
  rule: 'both',
  margin: floats(0),
};
const power = { operation: 'box-cox', lambdas: floats(0, -1), rounded: false };
const within = { operation: 'within', lows: floats(0, 0), highs: floats(1, Infinity) };
const center = {
  kind: 'center',
  features: 2,
  nonFinite: 'refuse',
  means: floats(0, 1),
  mean: floats(2),
};
const spline = {
  kind: 'spline',
  features: 2,
  nonFinite: 'nan',
  degree: 1,
  knots: floats(0, 1, 2, 3, 0, 0, 2, 2),
  beyond: 'periodic',
  withoutLast: false,
  sparse: false,
};
const fill = { operation: 'fill', operands: floats(1, Number.NaN), rounded: false };
const impute = { kind: 'impute', features: 2, missing: '?', strings: ['a', ''] };
const marked = {
  numbers: floats(0, 1),
  missing: true,
  unknown: false,
  width: 2,
  marks: Int32Array.of(0, 1, -1),
};
const texts = {
  strings: ['a', 'b'],
  missing: false,
  unknown: true,
  width: 1,
  marks: Int32Array.of(0, 0, -1),
};
const oneHot = {
  kind: 'encode',
  features: 2,
  nonFinite: 'nan',
  type: 'uint8',
  sparse: false,
  columns: [marked, texts],
};
const gap = { missing: true, unknown: true, width: 1, marks: Int32Array.of(0, -1) };
const mask = { ...oneHot, columns: [gap, { ...gap, width: 0, marks: Int32Array.of(-1, -1) }] };
const coded = {
  strings: ['a'],
  missing: true,
  unknown: true,
  width: 2,
  values: floats(1, 2, 3, 4, 0, 0),
};
const encode = { ...oneHot, features: 1, type: 'float32', columns: [coded] };
const rowNorm = { kind: 'row-norm', features: 2, nonFinite: 'refuse', norm: 'l2' };
const polynomial = {
  kind: 'polynomial',
  features: 2,
  nonFinite: 'refuse',
  starts: indices(0, 0, 2),
  factors: indices(1, 0),
};
const sketch = {
  kind: 'count-sketch',
  features: 2,
  outputs: 3,
  nonFinite: 'refuse',
  constant: floats(0.5),
  columns: indices(0, 1, 2, 2, 0, 1),
  negative: Uint8Array.of(0, 1, 0, 0, 1, 1),
};
const kernel = {
  kind: 'kernel',
  features: 2,
  nonFinite: 'refuse',
  references: floats(1, 2, 3, 4),
  steps: ['squared-differences', 'multiply', 'exp', 'constant', 'product'],
  operands: floats(1, 2, -0.5, 3),
  diagonal: true,
};
const donors = {
  kind: 'donors',
  features: 2,
  nonFinite: 'nan',
  rows: floats(1, NaN, 3, 4),
  nearest: 2,
  weigh: 'distance',
  distant: false,
};
const neighbors = {
  kind: 'neighbors',
  features: 2,
  nonFinite: 'refuse',
  rows: floats(1, 2, 3, 4, 5, 6),
  metric: 'minkowski',
  power: floats(3),
  scales: floats(1, 0.5),
  nearest: 2,
  radius: null,
  tree: { form: 'kd', levels: 2, order: indices(2, 0, 1) },
  source: 'exact',
  combine: 'shares',
  weigh: 'distance',
  widths: indices(2, 1),
  classes: Uint8Array.of(0, 0, 1, 0, 1, 0),
  targets: null,
  empty: null,
};
const nearby = { nearest: null, radius: floats(2), empty: floats(-1, 0) };
const union = {
  kind: 'union',
  features: 2,
  sparse: true,
  parts: [{ columns: indices(1, 1), node: rowNorm }, {}],
};
const linear = {
  kind: 'linear',
  features: 2,
  outputs: 1,
  nonFinite: 'any',
  coefficients: floats(1, 1),
  intercepts: floats(0),
  head: { task: 'regressor', targets: 1, flat: true, link: 'identity' },
};
const ofClasses = (outputs: number) => ({
  ...linear,
  outputs,
  coefficients: new Float64Array(2 * outputs).fill(1),
  intercepts: new Float64Array(outputs),
  head: {
    task: 'classifier',
    labels: [{ dtype: 'int64', values: Float64Array.from({ length: outputs }, (_, i) => i) }],
    decide: 'argmax',
    decisionFunction: false,
  },
});
const projection = {
  ...linear,
  outputs: 3,
  coefficients: floats(1, 2, 3, 4, 5, 6),
  intercepts: Float32Array.of(0, 0, 1),
  head: null,
};
const pursuit = {
  kind: 'pursuit',
  features: 2,
  outputs: 3,
  nonFinite: 'refuse',
  atoms: Float32Array.of(1, 2, 3, 4, 5, 6),
  nonzeros: 2,
};
const topics = {
  kind: 'factorization',
  features: 2,
  outputs: 3,
  nonFinite: 'refuse',
  components: Float32Array.of(1, 2, 3, 4, 5, 6),
  update: 'variational',
  penalties: floats(0.5),
  iterations: 10_000,
  tolerance: floats(0),
};
const factors = {
  ...topics,
  components: floats(1, 2, 3, 0, 5, 6),
  update: 'coordinates',
  penalties: floats(0, 0.5),
};
const pipeline = (...steps: unknown[]) => ({ kind: 'pipeline', steps });
/** Two columns of numbers, as compressed rows. */
const compress = { kind: 'union', features: 2, sparse: true, parts: [{}] };

const changed = (node: Plain, change: Plain): Plain => ({ ...node, ...change });

const numberAndText = table('number', 'string');
const sound: Readonly<Record<string, [node: Plain, input: Plain]>> = {
  elementwise: [elementwise, matrix],
  'elementwise, nothing': [{ ...elementwise, operations: [] }, matrix],
  'elementwise on sparse rows': [pipeline(compress, elementwise), matrix],
  'elementwise, fill': [{ ...elementwise, operations: [fill] }, matrix],
  'fill on sparse rows': [pipeline(compress, { ...elementwise, operations: [fill] }), matrix],
  'elementwise, another type': [{ ...elementwise, type: 'float32' }, matrix],
  bin: [bin, matrix],
  interpolate: [bending(line), matrix],
  'interpolate, neither margin nor outside': [
    bending({ ...line, margin: undefined, outside: 'nan' }),
    matrix,
  ],
  'power transform': [bending(power, { ...power, lambdas: Float32Array.of(1, 2) }), matrix],
  within: [bending(within), matrix],
  center: [center, matrix],
  spline: [spline, matrix],
  'spline, sparse, degree 0': [{ ...spline, degree: 0, sparse: true }, matrix],
  'bin, no edges': [
    {
      ...bin,
      type: null,
      operations: [{ ...bins, starts: indices(0, 0, 0), edges: floats() }],
    },
    matrix,
  ],
  impute: [impute, table('string', 'string')],
  'impute, missing cells': [{ ...impute, missing: null }, table('string', 'string')],
  'encode, marks': [oneHot, numberAndText],
  'encode, as the input': [{ ...oneHot, type: null, columns: [marked, marked] }, matrix],
  'encode, whether missing': [mask, numberAndText],
  'encode, values': [encode, table('string')],
  'encode, a column of no codes': [
    { ...encode, columns: [{ missing: false, unknown: false, width: 0, values: floats() }] },
    table('string'),
  ],
  'row-norm': [rowNorm, matrix],
  polynomial: [polynomial, matrix],
  'polynomial on sparse rows': [pipeline(compress, polynomial, rowNorm), matrix],
  kernel: [kernel, matrix],
  'count-sketch': [sketch, matrix],
  'kernel on sparse rows, wider': [pipeline(compress, kernel, { ...rowNorm, features: 3 }), matrix],
  donors: [donors, matrix],
  neighbors: [neighbors, matrix],
  'neighbors within a radius': [changed(neighbors, nearby), matrix],
  'neighbors, a graph of sparse rows': [
    pipeline(compress, changed(neighbors, { combine: 'connectivity', weigh: 'uniform' }), {
      ...rowNorm,
      features: 3,
    }),
    matrix,
  ],
  linear: [projection, matrix],
  pursuit: [pursuit, matrix],
  factorization: [topics, matrix],
  'factorization by coordinates': [factors, matrix],
  'factorization of sparse rows, wider': [
    pipeline(compress, topics, { ...rowNorm, features: 3 }),
    matrix,
  ],
  'linear on sparse rows, wider': [
    pipeline(compress, projection, {
      ...polynomial,
      features: 3,
      factors: indices(2),
      starts: indices(0, 1),
    }),
    matrix,
  ],
  'a pipeline with a projection beside it': [{ ...pipeline(linear), beside: projection }, matrix],
  union: [union, matrix],
  'union of no columns': [{ ...union, parts: [{ columns: indices() }, {}] }, matrix],
  'union of strings': [{ ...union, sparse: false, parts: [{}, {}] }, numberAndText],
  'union that makes numbers': [
    pipeline({ ...union, parts: [{ node: oneHot }] }, { ...rowNorm, features: 3 }),
    numberAndText,
  ],
  'a table of unused columns': [{ ...union, parts: [{}] }, table('unused', 'boolean')],
  'columns without names': [encode, { type: 'columns', columns: [{ type: 'string' }] }],
};

const inColumn = (node: Plain, i: number, change: Plain): Plain => ({
  ...node,
  columns: (node.columns as Plain[]).map((one, k) => (k === i ? { ...one, ...change } : one)),
});
const binned = (change: Plain): Plain => ({ ...bin, operations: [{ ...bins, ...change }] });
const onSparse = (operation: Plain) => pipeline(compress, operating(operation));
const arithmetic = (operation: string, operand: number) => ({
  ...divide,
  operation,
  operands: floats(operand, operand),
});

const refused: Readonly<Record<string, [node: Plain, input: Plain, place: string]>> = {
  'elementwise, no columns': [changed(elementwise, { features: 0 }), matrix, '.features'],
  'elementwise, half a column': [changed(elementwise, { features: 1.5 }), matrix, '.features'],
  'elementwise, another policy': [changed(elementwise, { nonFinite: 'all' }), matrix, '.nonFinite'],
  'elementwise, no operations': [changed(elementwise, { operations: null }), matrix, '.operations'],
  'elementwise, an operation that is none': [operating(7), matrix, '.operations[0]'],
  'elementwise, a function of Object': [
    operating(divide, { operation: 'constructor' }),
    matrix,
    '.operations[1].operation',
  ],
  'elementwise, an operand too few': [
    operating({ ...divide, operands: floats(1) }),
    matrix,
    '.operations[0].operands',
  ],
  'elementwise, operands of another type': [
    operating({ ...divide, operands: Float32Array.of(1, 2) }),
    matrix,
    '.operations[0].operands',
  ],
  'elementwise, not said whether rounded': [
    operating({ ...divide, rounded: undefined }),
    matrix,
    '.operations[0].rounded',
  ],
  'elementwise, other columns than given': [
    changed(elementwise, { features: 3, operations: [] }),
    matrix,
    ': takes 3 columns (dense or sparse), is given 2 (dense)',
  ],
  'elementwise on a table': [elementwise, table('number', 'number'), ': takes 2 columns'],
  'exp of zeros that are not there': [
    onSparse({ operation: 'exp' }),
    matrix,
    '.steps[1]: takes 2 columns (dense), is given 2 (sparse)',
  ],
  'log of zeros that are not there': [onSparse({ operation: 'log' }), matrix, '.steps[1]'],
  'reciprocals of zeros that are not there': [
    onSparse({ operation: 'reciprocal' }),
    matrix,
    '.steps[1]',
  ],
  'zeros plus one': [onSparse(arithmetic('add', 1)), matrix, '.steps[1]'],
  'zeros minus NaN': [onSparse(arithmetic('subtract', Number.NaN)), matrix, '.steps[1]'],
  'zeros times infinity': [onSparse(arithmetic('multiply', Infinity)), matrix, '.steps[1]'],
  'zeros by zero': [onSparse(arithmetic('divide', -0)), matrix, '.steps[1]'],
  'zeros at most −1': [onSparse(arithmetic('minimum', -1)), matrix, '.steps[1]'],
  'zeros at least 1': [onSparse(arithmetic('maximum', 1)), matrix, '.steps[1]'],
  'zeros above −1': [onSparse(arithmetic('greater', -1)), matrix, '.steps[1]'],

  'zeros that are voided': [onSparse(arithmetic('void', -0)), matrix, '.steps[1]'],
  'functions in uint8': [changed(elementwise, { type: 'uint8' }), matrix, '.type'],

  'logistic function of zeros that are not there': [
    onSparse({ operation: 'expit' }),
    matrix,
    '.steps[1]',
  ],
  'bin, another type': [changed(bin, { type: 'int32' }), matrix, '.type'],
  'bin, a start too few': [binned({ starts: indices(0, 3) }), matrix, '.operations[0].starts'],
  'bin, starts that begin late': [
    binned({ starts: indices(1, 1, 3) }),
    matrix,
    '.operations[0].starts',
  ],
  'bin, starts that end early': [
    binned({ starts: indices(0, 1, 2) }),
    matrix,
    '.operations[0].starts',
  ],
  'bin, starts that go back': [
    binned({ starts: indices(0, 4, 3) }),
    matrix,
    '.operations[0].starts[2]',
  ],
  'bin, edges that fall': [binned({ edges: floats(0, 1, 0) }), matrix, '.operations[0].edges[2]'],
  'bin, an edge that is NaN': [
    binned({ edges: floats(Number.NaN, 0, 0) }),
    matrix,
    '.operations[0].edges[0]',
  ],
  'bin, 256 edges in uint8': [
    binned({ starts: indices(0, 0, 256), edges: new Float64Array(256) }),
    matrix,
    '.operations[0].starts[1]',
  ],
  'interpolate, a column without a point': [
    bending({ ...line, starts: indices(0, 0, 3) }),
    matrix,
    '.operations[0].starts[1]',
  ],
  'interpolate, places that fall': [
    bending({ ...line, places: floats(0, 1, 0) }),
    matrix,
    '.operations[0].places[2]',
  ],
  'interpolate, an infinite place': [
    bending({ ...line, places: floats(0, 1, Infinity) }),
    matrix,
    '.operations[0].places[2]',
  ],
  'interpolate, a value too few': [
    bending({ ...line, values: floats(0, 1) }),
    matrix,
    '.operations[0].values',
  ],
  'interpolate, a value that is NaN': [
    bending({ ...line, values: floats(0, Number.NaN, 1) }),
    matrix,
    '.operations[0].values[1]',
  ],
  'interpolate, another rule': [bending({ ...line, rule: 'above' }), matrix, '.operations[0].rule'],
  'interpolate, two margins': [
    bending({ ...line, margin: floats(0, 0) }),
    matrix,
    '.operations[0].margin',
  ],
  'interpolate, an outside that is none': [
    bending({ ...line, outside: 'ends' }),
    matrix,
    '.operations[0].outside',
  ],
  'curve with an operation of arithmetic': [bending(divide), matrix, '.operations[0].operation'],
  'elementwise with a curve': [operating(line), matrix, '.operations[0].operation'],
  'interpolate on sparse rows': [pipeline(compress, bending(line)), matrix, '.steps[1]'],
  'power transform, a λ too few': [
    bending({ ...power, lambdas: floats(1) }),
    matrix,
    '.operations[0].lambdas',
  ],
  'power transform, an infinite λ': [
    bending({ ...power, lambdas: floats(1, Infinity) }),
    matrix,
    '.operations[0].lambdas[1]',
  ],
  'power transform, not said whether rounded': [
    bending({ ...power, rounded: undefined }),
    matrix,
    '.operations[0].rounded',
  ],
  'power transform on sparse rows': [pipeline(compress, bending(power)), matrix, '.steps[1]'],
  'center, a mean too few': [changed(center, { means: floats(1) }), matrix, '.means'],
  'center, a mean that is infinite': [
    changed(center, { mean: floats(Infinity) }),
    matrix,
    '.mean[0]',
  ],
  'center on sparse rows': [pipeline(compress, center), matrix, '.steps[1]'],
  'spline, a knot too few': [
    changed(spline, { knots: floats(0, 1, 2, 3, 0, 0, 2) }),
    matrix,
    '.knots',
  ],
  'spline, fewer knots than the degree takes': [changed(spline, { degree: 2 }), matrix, '.knots'],
  'spline, knots that differ by less than 1 can be divided by': [
    changed(spline, { knots: floats(0, 1, 2, 3, 0, 5e-324, 2, 2) }),
    matrix,
    '.knots[5]',
  ],
  'spline, knots that fall': [
    changed(spline, { knots: floats(0, 1, 2, 3, 0, 0, 2, 1) }),
    matrix,
    '.knots[7]',
  ],
  'spline, an infinite knot': [
    changed(spline, { knots: floats(0, 1, 2, 3, 0, 0, 2, Infinity) }),
    matrix,
    '.knots[7]',
  ],
  'spline, a degree above the limit': [changed(spline, { degree: 65 }), matrix, '.degree'],
  'spline, beyond in no way': [changed(spline, { beyond: 'error' }), matrix, '.beyond'],
  'spline, no column': [changed(spline, { withoutLast: true }), matrix, '.withoutLast'],
  'spline on sparse rows': [pipeline(compress, spline), matrix, '.steps[1]'],
  'within, a low too few': [bending({ ...within, lows: floats(1) }), matrix, '.operations[0].lows'],
  'within, highs that are none': [
    bending({ ...within, highs: indices(1, 1) }),
    matrix,
    '.operations[0].highs',
  ],
  'within on sparse rows': [pipeline(compress, bending(within)), matrix, '.steps[1]'],
  'bin on sparse rows': [pipeline(compress, bin), matrix, '.steps[1]: takes 2 columns (dense)'],

  'impute, a string too few': [
    changed(impute, { strings: ['a'] }),
    table('string', 'string'),
    '.strings',
  ],
  'impute, a number among strings': [
    changed(impute, { strings: [1, 'a'] }),
    table('string', 'string'),
    '.strings[0]',
  ],
  'impute, strings that are none': [
    changed(impute, { strings: 'ab' }),
    table('string', 'string'),
    '.strings',
  ],
  'impute, a string that is none': [
    changed(impute, { missing: 1 }),
    table('string', 'string'),
    '.missing',
  ],
  'impute, a matrix': [impute, matrix, ': takes 2 columns (columns), is given 2 (dense)'],
  'impute, strings in columns of numbers': [impute, numberAndText, ': column 0 is no string'],

  'encode, no columns': [changed(oneHot, { columns: [] }), numberAndText, '.columns'],
  'encode, another type': [changed(oneHot, { type: 'int8' }), numberAndText, '.type'],
  'encode, neither sparse nor dense': [changed(oneHot, { sparse: 'no' }), numberAndText, '.sparse'],
  'encode, another policy': [changed(oneHot, { nonFinite: null }), numberAndText, '.nonFinite'],
  'encode, two sorts of categories': [
    inColumn(oneHot, 1, { numbers: floats(1) }),
    numberAndText,
    '.columns[1].numbers',
  ],
  'encode, a category twice': [
    inColumn(oneHot, 1, { strings: ['a', 'a'] }),
    numberAndText,
    '.columns[1].strings',
  ],
  'encode, −0 and 0': [
    inColumn(oneHot, 0, { numbers: floats(0, -0) }),
    numberAndText,
    '.columns[0].numbers',
  ],
  'encode, NaN': [
    inColumn(oneHot, 0, { numbers: floats(0, Number.NaN) }),
    numberAndText,
    '.columns[0].numbers',
  ],
  'encode, not said whether missing is one': [
    inColumn(oneHot, 0, { missing: undefined }),
    numberAndText,
    '.columns[0].missing',
  ],
  'encode, not said whether others are taken': [
    inColumn(oneHot, 0, { unknown: 0 }),
    numberAndText,
    '.columns[0].unknown',
  ],
  'encode, more columns than codes': [
    inColumn(oneHot, 0, { width: 4 }),
    numberAndText,
    '.columns[0].width',
  ],
  'encode, less than no columns': [
    inColumn(oneHot, 0, { width: -1 }),
    numberAndText,
    '.columns[0].width',
  ],
  'encode, neither marks nor values': [
    inColumn(oneHot, 0, { marks: null }),
    numberAndText,
    '.columns[0].marks',
  ],
  'encode, a mark too few': [
    inColumn(oneHot, 0, { marks: Int32Array.of(0, 1) }),
    numberAndText,
    '.columns[0].marks',
  ],
  'encode, a mark beyond the last': [
    inColumn(oneHot, 0, { marks: Int32Array.of(0, 1, 2) }),
    numberAndText,
    '.columns[0].marks',
  ],
  'encode, a mark before none': [
    inColumn(oneHot, 0, { marks: Int32Array.of(0, 1, -2) }),
    numberAndText,
    '.columns[0].marks',
  ],
  'encode, numbers for strings': [
    changed(oneHot, { columns: [marked, marked] }),
    numberAndText,
    ': column 1 is no number',
  ],
  'encode, strings for numbers': [oneHot, matrix, ': column 1 is no string'],
  'encode, a column too few': [changed(oneHot, { columns: [marked] }), matrix, '.columns'],
  'encode on sparse rows': [
    pipeline(compress, changed(oneHot, { columns: [marked, marked] })),
    matrix,
    '.steps[1]: takes 2 columns (dense or columns)',
  ],
  'encode, a width beyond the limit': [
    inColumn(encode, 0, { width: 65_537 }),
    table('string'),
    '.columns[0].width',
  ],
  'encode, numbers of no codes': [
    changed(encode, {
      columns: [{ missing: false, unknown: false, width: 1, values: floats() }],
    }),
    table('string'),
    '.columns[0].width',
  ],
  'encode, a value too few': [
    inColumn(encode, 0, { values: floats(1, 2, 3, 4, 5) }),
    table('string'),
    '.columns[0].values',
  ],
  'encode, values of another type': [
    inColumn(encode, 0, { values: new Float32Array(6) }),
    table('string'),
    '.columns[0].values',
  ],
  'encode, 256 in uint8': [
    inColumn(changed(encode, { type: 'uint8' }), 0, { values: floats(1, 2, 3, 256, 0, 0) }),
    table('string'),
    '.columns[0].values',
  ],
  'encode, a half in uint8': [
    inColumn(changed(encode, { type: 'uint8' }), 0, { values: floats(1, 2, 3, 4, 0, 0.5) }),
    table('string'),
    '.columns[0].values',
  ],

  'row-norm, another norm': [changed(rowNorm, { norm: 'l0' }), matrix, '.norm'],
  'row-norm of strings': [rowNorm, numberAndText, ': takes 2 columns'],

  'polynomial, a column beyond the last': [
    changed(polynomial, { factors: indices(1, 2) }),
    matrix,
    '.factors[1]',
  ],
  'polynomial, no outputs': [
    changed(polynomial, { starts: indices(0), factors: indices() }),
    matrix,
    '.starts',
  ],
  'polynomial, no starts': [changed(polynomial, { starts: indices() }), matrix, '.starts'],
  'polynomial, starts that end early': [
    changed(polynomial, { starts: indices(0, 0, 1) }),
    matrix,
    '.starts',
  ],
  'polynomial, starts that go back': [
    changed(polynomial, { starts: indices(0, 3, 2) }),
    matrix,
    '.starts[2]',
  ],

  'linear, as many columns as none': [changed(projection, { outputs: 0 }), matrix, '.outputs'],
  'linear, too few coefficients': [changed(projection, { outputs: 4 }), matrix, '.coefficients'],
  'linear, an infinite intercept': [
    changed(projection, { intercepts: floats(0, 0, Infinity) }),
    matrix,
    '.intercepts[2]',
  ],
  'linear, a deviation of no prediction': [
    changed(linear, {
      head: null,
      deviation: { covariance: floats(1, 0, 0, 1), noise: floats(1) },
    }),
    matrix,
    '.deviation',
  ],
  'linear, a negative uncertainty': [
    changed(projection, { uncertainty: { intercepts: floats(0, -1, 0) } }),
    matrix,
    '.uncertainty.intercepts[1]',
  ],
  'linear, an uncertainty of other numbers': [
    changed(projection, { uncertainty: { coefficients: floats(0, 1) } }),
    matrix,
    '.uncertainty.coefficients',
  ],
  'beside what transforms': [
    { ...pipeline(projection), beside: rowNorm },
    matrix,
    '.beside: of a pipeline that transforms',
  ],
  'beside steps that are handed on': [
    { ...pipeline(rowNorm, linear), transforms: true, beside: rowNorm },
    matrix,
    '.beside: of a pipeline that transforms',
  ],
  'beside, a head': [{ ...pipeline(linear), beside: linear }, matrix, '.beside'],
  'chooser of a regressor': [
    { ...pipeline(linear), chooser: linear },
    matrix,
    '.chooser: of other',
  ],
  'chooser of other scores': [
    { ...pipeline(ofClasses(2)), chooser: ofClasses(3) },
    matrix,
    '.chooser: of other',
  ],
  'chooser without a head': [
    { ...pipeline(ofClasses(2)), chooser: rowNorm },
    matrix,
    '.chooser: has no head',
  ],
  'chooser of another width': [
    {
      ...pipeline(ofClasses(2)),
      chooser: { ...ofClasses(2), features: 1, coefficients: floats(1, 1) },
    },
    matrix,
    '.chooser: takes 1',
  ],
  'beside, another width': [
    { ...pipeline(linear), beside: { ...rowNorm, features: 3 } },
    matrix,
    '.beside: takes 3 columns',
  ],
  'pursuit of no atoms': [changed(pursuit, { nonzeros: 0 }), matrix, '.nonzeros'],
  'pursuit of more atoms than there are': [changed(pursuit, { nonzeros: 4 }), matrix, '.nonzeros'],
  'pursuit, too few atoms': [changed(pursuit, { outputs: 4 }), matrix, '.atoms'],
  'pursuit, too many atoms': [changed(pursuit, { outputs: 1025 }), matrix, '.outputs'],
  'pursuit, an infinite atom': [
    changed(pursuit, { atoms: floats(1, 2, 3, 4, 5, Infinity) }),
    matrix,
    '.atoms[5]',
  ],
  'pursuit of sparse rows': [pipeline(compress, pursuit), matrix, '.steps[1]: takes 2 columns'],
  'factorization into too many': [changed(topics, { outputs: 1025 }), matrix, '.outputs'],
  'factorization, too few components': [changed(topics, { outputs: 4 }), matrix, '.components'],
  'factorization, a component below 0': [
    changed(topics, { components: floats(1, 2, 3, 4, -5, 6) }),
    matrix,
    '.components[4]',
  ],
  'factorization, an infinite component': [
    changed(topics, { components: floats(1, 2, Infinity, 4, 5, 6) }),
    matrix,
    '.components[2]',
  ],
  'factorization, too many steps': [changed(topics, { iterations: 10_001 }), matrix, '.iterations'],
  'factorization, no step known': [changed(topics, { update: 'none' }), matrix, '.update'],
  'factorization, too small a prior': [
    changed(topics, { penalties: floats(2 ** -20) }),
    matrix,
    '.penalties[0]',
  ],
  'factorization, float32 components of a loss': [
    changed(topics, { update: 'frobenius', penalties: floats(0, 0) }),
    matrix,
    '.components',
  ],
  'factorization, a penalty below 0': [
    changed(factors, { penalties: floats(0, -1) }),
    matrix,
    '.penalties[1]',
  ],
  'factorization, one penalty of two': [
    changed(factors, { penalties: floats(0) }),
    matrix,
    '.penalties',
  ],
  'factorization, a tolerance below 0': [
    changed(topics, { tolerance: floats(-1) }),
    matrix,
    '.tolerance[0]',
  ],
  'linear of strings': [projection, numberAndText, ': takes 2 columns'],

  'count-sketch, no outputs': [changed(sketch, { outputs: 0 }), matrix, '.outputs'],
  'count-sketch, a column beyond the last': [
    changed(sketch, { columns: indices(0, 1, 3, 2, 0, 1) }),
    matrix,
    '.columns[2]',
  ],
  'count-sketch, part of a sum': [
    changed(sketch, { columns: indices(0, 1, 2, 2) }),
    matrix,
    '.columns',
  ],
  'count-sketch, no sums': [changed(sketch, { columns: indices() }), matrix, '.columns'],
  'count-sketch, no signs': [changed(sketch, { negative: new Uint8Array(5) }), matrix, '.negative'],
  'count-sketch, another sign': [
    changed(sketch, { negative: Uint8Array.of(0, 2, 0, 0, 0, 0) }),
    matrix,
    '.negative[1]',
  ],
  'count-sketch, an infinite constant': [
    changed(sketch, { constant: floats(Infinity) }),
    matrix,
    '.constant[0]',
  ],
  'kernel, no references': [changed(kernel, { references: floats() }), matrix, '.references'],
  'kernel, part of a reference': [
    changed(kernel, { references: floats(1, 2, 3) }),
    matrix,
    '.references',
  ],
  'kernel, an infinite reference': [
    changed(kernel, { references: floats(1, Infinity) }),
    matrix,
    '.references[1]',
  ],
  'kernel, a negative reference': [
    changed(kernel, { references: floats(1, -1), steps: ['additive-chi2'], operands: floats() }),
    matrix,
    '.references',
  ],
  'kernel, no steps': [changed(kernel, { steps: [], operands: floats() }), matrix, '.steps'],
  'kernel, too many steps': [
    changed(kernel, { steps: ['dot', ...new Array<string>(256).fill('square')] }),
    matrix,
    '.steps',
  ],
  'kernel, too many references that are scaled': [
    changed(kernel, {
      references: new Float64Array(2 ** 18),
      steps: ['squared-differences', ...new Array(66).fill(['squared-differences', 'sum']).flat()],
      operands: new Float64Array(2 * 67).fill(1),
    }),
    matrix,
    '.steps',
  ],
  'kernel, too many results': [
    changed(kernel, { steps: new Array<string>(33).fill('dot') }),
    matrix,
    '.steps[32]',
  ],
  'kernel, an unknown step': [changed(kernel, { steps: ['rbf'] }), matrix, '.steps[0]'],
  'kernel, a step of nothing': [changed(kernel, { steps: ['exp'] }), matrix, '.steps[0]'],
  'kernel, a sum of one': [changed(kernel, { steps: ['dot', 'sum'] }), matrix, '.steps[1]'],
  'kernel, several results': [
    changed(kernel, { steps: ['dot', 'dot'], operands: floats() }),
    matrix,
    '.steps',
  ],
  'kernel, too few operands': [
    changed(kernel, { operands: floats(1, 2, -0.5) }),
    matrix,
    '.operands',
  ],
  'kernel, a scale of 0': [
    changed(kernel, { operands: floats(1, 0, -0.5, 3) }),
    matrix,
    '.operands[1]',
  ],
  'kernel, half an integer power': [
    changed(kernel, { steps: ['dot', 'integer-power'], operands: floats(0.5) }),
    matrix,
    '.operands[0]',
  ],
  'kernel, no diagonal': [changed(kernel, { diagonal: null }), matrix, '.diagonal'],
  'kernel of strings': [kernel, numberAndText, ': takes 2 columns'],

  ...Object.fromEntries(
    (
      [
        ['no rows', { rows: floats() }, '.rows'],
        ['part of a row', { rows: floats(1, 2, 3) }, '.rows'],
        ['an infinite cell', { rows: floats(1, 2, 3, Infinity, 5, 6) }, '.rows[3]'],
        ['an unknown metric', { metric: 'haversine' }, '.metric'],
        ['no power', { power: null }, '.power'],
        ['a power of 0', { power: floats(0) }, '.power[0]'],
        ['a scale below 0', { scales: floats(1, -1) }, '.scales[1]'],
        ['no scales', { metric: 'seuclidean', scales: null, tree: null }, '.scales'],
        ['more than there are', { nearest: 4 }, '.nearest'],
        ['none', { nearest: 0 }, '.nearest'],
        ['no radius', { nearest: null }, '.radius'],
        ['a radius without end', { ...nearby, radius: floats(Infinity) }, '.radius[0]'],
        ['boxes of another metric', { metric: 'canberra' }, '.tree.form'],
        [
          'too many levels',
          { tree: { form: 'kd', levels: 3, order: indices(0, 1, 2) } },
          '.tree.levels',
        ],
        [
          'a row twice',
          { tree: { form: 'kd', levels: 1, order: indices(0, 1, 1) } },
          '.tree.order',
        ],
        [
          'a row beyond the last',
          { tree: { form: 'kd', levels: 1, order: indices(0, 1, 3) } },
          '.tree.order[2]',
        ],
        ['a row missing', { tree: { form: 'kd', levels: 1, order: indices(0, 1) } }, '.tree.order'],
        ['an unknown source', { source: 'blas' }, '.source'],
        ['an unknown combination', { combine: 'median' }, '.combine'],
        ['weights of a graph', { combine: 'distances' }, '.weigh'],
        ['no classes of an output', { widths: indices(2, 0) }, '.widths[1]'],
        ['no outputs', { widths: indices() }, '.widths'],
        ['too many columns', { widths: new Uint32Array(17).fill(65_536) }, '.widths'],
        ['a class beyond the last', { classes: Uint8Array.of(0, 0, 1, 0, 2, 0) }, '.classes[4]'],
        ['too few classes', { classes: Uint8Array.of(0, 0) }, '.classes'],
        ['a class that is none for rows alone', { ...nearby, empty: floats(-1, 1) }, '.empty[1]'],
        ['half a class for rows alone', { ...nearby, empty: floats(0.5, 0) }, '.empty[0]'],
        ['too few targets', { combine: 'means', targets: floats(1, 2) }, '.targets'],
        ['no targets', { combine: 'means', targets: floats() }, '.targets'],
        [
          'a target that is no number',
          { combine: 'means', targets: floats(1, 2, NaN) },
          '.targets[2]',
        ],
        [
          'no mean of rows alone',
          { ...nearby, combine: 'means', targets: floats(1, 2, 3), empty: null },
          '.empty',
        ],
        [
          'outliers within a radius',
          { ...nearby, combine: 'outlier-factor', weigh: 'uniform' },
          '.nearest',
        ],
        [
          'one target of outliers',
          { combine: 'outlier-factor', weigh: 'uniform', targets: floats(1, 2, 3) },
          '.targets',
        ],
      ] as const
    ).map(([what, change, place]) => [
      `neighbors, ${what}`,
      [changed(neighbors, change), matrix, place] as [Plain, Plain, string],
    ]),
  ),
  'donors, infinite': [changed(donors, { rows: floats(1, 2, Infinity, 3) }), matrix, '.rows'],
  'donors, no rows': [changed(donors, { rows: floats() }), matrix, '.rows'],
  'donors, half a row': [changed(donors, { rows: floats(1, 2, 3) }), matrix, '.rows'],
  'donors, none': [changed(donors, { nearest: 0 }), matrix, '.nearest'],
  'donors, more than there are': [changed(donors, { nearest: 3 }), matrix, '.nearest'],
  'donors, other weights': [changed(donors, { weigh: 'cosine' }), matrix, '.weigh'],
  'donors, far ones by distance': [changed(donors, { distant: true }), matrix, '.distant'],
  'donors of sparse rows': [pipeline(compress, donors), matrix, '.steps[1]: takes 2 columns'],
  'neighbors of strings': [neighbors, numberAndText, ': takes 2 columns'],

  'union, no parts': [changed(union, { parts: [] }), matrix, '.parts'],
  'union, a part that is none': [changed(union, { parts: [null] }), matrix, '.parts[0]'],
  'union, a column beyond the last': [
    changed(union, { parts: [{ columns: indices(2) }] }),
    matrix,
    '.parts[0].columns[0]',
  ],
  'union, a part with a head': [
    changed(union, { parts: [{ node: linear }] }),
    matrix,
    '.parts[0].node',
  ],
  'union, a pipeline with a head': [
    changed(union, { parts: [{ node: pipeline(rowNorm, linear) }] }),
    matrix,
    '.parts[0].node',
  ],
  'union, a part of another width': [
    changed(union, { parts: [{ columns: indices(0), node: rowNorm }] }),
    matrix,
    '.parts[0].node: takes 2 columns (dense or sparse), is given 1 (dense)',
  ],
  'union, sparse strings': [
    changed(union, { parts: [{}] }),
    numberAndText,
    ': strings in compressed rows',
  ],
  'union, neither sparse nor dense': [changed(union, { sparse: undefined }), matrix, '.sparse'],
  'a head before the end': [pipeline(linear, rowNorm), matrix, '.steps[0]'],
  'trees of strings': [pipeline(linear), numberAndText, '.steps[0]: takes 2 columns'],
  text: [rowNorm, { type: 'text' }, ': takes 2 columns (dense or sparse), is given 1 (columns)'],
};

const check = (root: unknown, input: unknown): RunnableModel => validateRunnable({ root, input });

function caught(action: () => unknown): NuthatchError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(NuthatchError);
    return error as NuthatchError;
  }
  return expect.fail('nothing was refused');
}

test.each(Object.entries(sound))('%s', (_, [node, input]) => {
  expect(check(node, input).root.kind).toBe(node.kind);
});

test.each(Object.entries(refused))('%s', (_, [node, input, place]) => {
  const [path, reason = ''] = place.split(': ');
  const error = caught(() => check(node, input));
  expect([error.code, error.path]).toEqual(['invalid-model', `model.root${path}`]);
  expect(error.message).toContain(reason);
});

describe('columns of the input', () => {
  const only = (...columns: unknown[]) => ({ type: 'columns', columns });
  const inputs: Readonly<Record<string, [input: Plain, place: string]>> = {
    none: [only(), '.columns'],
    'no list': [{ type: 'columns', columns: 7 }, '.columns'],
    'that are no maps': [only('a'), '.columns[0]'],
    'of another type': [only(column('text', 'a')), '.columns[0].type'],
    'with a name that is none': [only({ type: 'number', name: 1 }), '.columns[0].name'],
    'of one name': [only(column('number', 'a'), column('string', 'a')), '.columns'],
    'of which one has no name': [only(column('number', 'a'), column('number')), '.columns'],
    'without categories': [only(column('category', 'a')), '.columns[0].categories'],
    'with a category twice': [
      only({ ...column('category', 'a'), categories: ['x', 'x'] }),
      '.columns[0].categories',
    ],
  };
  test.each(Object.entries(inputs))('%s', (_, [input, place]) => {
    const error = caught(() => check({ ...union, parts: [{}] }, input));
    expect([error.code, error.path]).toEqual(['invalid-model', `model.input${place}`]);
  });
});

test('as many columns as the limit, and no more', () => {
  const many = { ...union, features: 1, sparse: false };
  const wide = (count: number) => ({ ...many, parts: [{ columns: new Uint32Array(count) }] });
  const input = { type: 'matrix', features: 1 };
  expect(check(wide(2 ** 20), input).root.kind).toBe('union');
  const error = caught(() => check(wide(2 ** 20 + 1), input));
  expect([error.code, error.path]).toEqual(['limit-exceeded', 'model.root']);
  const nested = pipeline(wide(1000), { ...many, features: 1000, parts: new Array(1049).fill({}) });
  expect(caught(() => check(nested, input)).path).toBe('model.root.steps[1]');
});
