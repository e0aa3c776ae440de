import { type NutSource, nullMap, Pairs, Raw } from './encode-nut.js';

const words = [
  'narrow',
  'wide',
  'sum',
  'mean',
  'refuse',
  'nan',
  'any',
  'float32',
  'float64',
  'uint8',
  'uint32',
  'int32',
  'int64',
  'bool',
  'str',
  'object',
  'argmax',
  'argmin',
  'argmaxLast',
  'positive',
  'identity',
  'normalize',
  'normalize-uniform',
  'normalize-nan',
  'one-vs-one',
  'predict_proba',
  'complement',
  'expit',
  'expit-pair',
  'softmax',
  'one-vs-rest',
  'classifier',
  'regressor',
  'tree',
  'forest',
  'trees',
  'linear',
  'raw',
  'scores',
  'select',
  'pipeline',
  'union',
  'elementwise',
  'impute',
  'encode',
  'bin',
  'void',
  'fill',
  'curve',
  'within',
  'interpolate',
  'box-cox',
  'inverse-yeo-johnson-power',
  'below',
  'single',
  'row-norm',
  'polynomial',
  'pursuit',
  'kernel',
  'support-vectors',
  'gaussian',
  'variances',
  'factors',
  'precision',
  'density',
  'gaussian-process',
  'own',
  'neighbors',
  'euclidean',
  'seuclidean',
  'minkowski',
  'cosine',
  'shares',
  'means',
  'connectivity',
  'outlier-factor',
  'distance',
  'uniform',
  'kd',
  'ball',
  'exact',
  'dot',
  'product',
  'vectorize',
  'tally',
  'record',
  'pairs',
  'list',
  'int64',
  'char_wb',
  'divide',
  'exp',
  'l1',
  'number',
  'string',
  'category',
  'unused',
  'matrix',
  'columns',
  'text',
  '__proto__',
  'constructor',
  '',
  'x\u0000\u001b[31m',
  'x'.repeat(2 ** 16),
];

const deep = (depth: number): unknown => {
  let value: unknown = [];
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};

/** What a field may be replaced by, whatever it is. */
export function replacements(original: unknown, source: NutSource): unknown[] {
  const general = [
    undefined,
    null,
    true,
    false,
    0,
    -1,
    1,
    2,
    255,
    2 ** 16,
    2 ** 28,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53),
    2n ** 53n,
    -(2n ** 53n),
    2n ** 64n - 1n,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    '',
    'x',
    '__proto__',
    [],
    [[]],
    [null],
    ['a', 'a'],
    deep(40),
    deep(70),
    {},
    { __proto__x: 1 },
    nullMap([['__proto__', 1]]),
    new Pairs([
      ['a', 1],
      ['a', 2],
    ]),
    new Pairs([[1, 2]]),
    { $tensor: 0 },
    { $tensor: source.header.tensors.length },
    { $tensor: -1 },
    { $tensor: 0.5 },
    { $tensor: '0' },
    { $tensor: {} },
    { $tensor: null },
    new Raw(0xc7, 0, 0x72),
    new Raw(0xd4, 0x72, 0x40),
    new Raw(0xc4, 1, 0),
    new Raw(0xc1),
    new Raw(0xa1, 0xff),
  ];
  if (typeof original === 'number')
    return [
      ...general,
      original + 1,
      original - 1,
      original * 2,
      original + 0.5,
      -original,
      String(original),
    ];
  if (typeof original === 'string')
    return [...general, ...words, `${original}x`, original.toUpperCase()];
  if (typeof original === 'boolean')
    return [...general, !original, Number(original), String(original)];
  if (Array.isArray(original)) {
    const last = original[original.length - 1];
    return [
      ...general,
      original.slice(0, -1),
      original.slice(1),
      [...original, last],
      [...original, null],
      [...original, 'extra'],
      [...original].reverse(),
      nullMap(original.map((item, i) => [String(i), item])),
      original.map(() => original[0]),
      [...original, ...original],
    ];
  }
  if (original === null) return [...general, 'a'];
  const map = original as Record<string, unknown>;
  const pairs = Object.keys(map).map((key) => [key, map[key]] as const);
  return [
    ...general,
    pairs.map(([, value]) => value),
    new Pairs([...pairs, ...pairs.slice(0, 1)]),
    new Pairs([...pairs, ...pairs.slice(-1)]),
    new Pairs([...pairs].reverse()),
    new Pairs([...pairs, ['__proto__', { x: 1 }]]),
    new Pairs([...pairs, ['unknown', 7]]),
    new Pairs([...pairs, ['unknown', { $tensor: 0 }]]),
    new Pairs([...pairs, ['kind', 'linear']]),
    [map],
  ];
}

/** A value for the name of a case. */
export function show(value: unknown): string {
  try {
    const text =
      JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item)) ??
      'missing';
    return text.length > 80 ? `${text.slice(0, 80)}…` : text;
  } catch {
    return String(value);
  }
}
