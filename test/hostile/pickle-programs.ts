import type { Random } from './random.js';

/** Pickles written by hand: operations by their letters or codes, as Python's pickletools has them. */

/** Operations one after the other: bytes, codes, and texts of letters. */
export const program = (...parts: readonly (string | number | Uint8Array)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string, 'latin1'),
    ),
  );

/** A file of protocol 4, whose value is the last one. */
export const file = (...parts: readonly (string | number | Uint8Array)[]): Uint8Array =>
  program(0x80, '\x04', ...parts, '.');

export const repeated = (count: number, ...parts: readonly (string | number | Uint8Array)[]) => {
  const once = program(...parts);
  return Buffer.alloc(once.length * count, once);
};

export const global = (name: string): Uint8Array => {
  const dot = name.lastIndexOf('.');
  return Buffer.from(`c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`);
};

export function int(value: number): Uint8Array {
  const bytes = Buffer.alloc(10);
  bytes.write('\x8a\x08', 'latin1');
  bytes.writeBigInt64LE(BigInt(value), 2);
  return bytes;
}

export function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  const head = Buffer.from('X\0\0\0\0', 'latin1');
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

export function bytes(value: Uint8Array): Uint8Array {
  const head = Buffer.from('B\0\0\0\0', 'latin1');
  head.writeUInt32LE(value.length, 1);
  return Buffer.concat([head, value]);
}

/** Remembers what is on top, and recalls it. */
export const put = (index: number): Uint8Array => Buffer.of(0x71, index);
export const get = (index: number): Uint8Array => Buffer.of(0x68, index);

/** A dtype such as `f8`, in a byte order. */
export const dtype = (code: string, order = '<'): Uint8Array =>
  program(
    global('numpy.dtype'),
    ...['(', text(code), 'K\0K\x01tR'],
    ...['(K\x03', text(order), 'NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb'],
  );

/** An array, as numpy pickles it. */
export const array = (
  shape: readonly number[],
  type: Uint8Array,
  data: Uint8Array,
  order: '\x88' | '\x89' = '\x89',
): Uint8Array =>
  program(
    global('numpy.core.multiarray._reconstruct'),
    ...['(', global('numpy.ndarray'), 'K\0\x85C\x01btR'],
    ...['(K\x01(', ...shape.map(int), 't', type, order, data, 'tb'],
  );

/** What joblib writes in place of an array, up to where its bytes follow. */
export const wrapper = (shape: readonly number[], type: Uint8Array): Uint8Array =>
  program(
    global('joblib.numpy_pickle.NumpyArrayWrapper'),
    ...[')\x81}(', text('shape'), '(', ...shape.map(int), 't'],
    ...[text('order'), text('C'), text('dtype'), type, 'ub'],
  );

/** An object of a class, with attributes. */
export const object = (
  name: string,
  attributes: Readonly<Record<string, Uint8Array>>,
): Uint8Array =>
  program(
    global(name),
    ')\x81}(',
    ...Object.entries(attributes).flatMap(([key, value]) => [text(key), value]),
    'ub',
  );

/** A linear regression, which may have more attributes, or others. */
export const line = (attributes: Readonly<Record<string, Uint8Array>> = {}): Uint8Array =>
  object('sklearn.linear_model._base.LinearRegression', {
    coef_: array([2], dtype('f8'), bytes(new Uint8Array(16))),
    intercept_: program('G', new Uint8Array(8)),
    n_features_in_: int(2),
    _sklearn_version: text('1.9.1'),
    ...attributes,
  });

const names = [
  ...[
    'os.system',
    'posix.system',
    'nt.system',
    'builtins.eval',
    'builtins.exec',
    '__builtin__.getattr',
  ],
  ...['builtins.getattr', 'builtins.object', 'builtins.list', 'builtins.set', 'builtins.dict'],
  ...[
    'builtins.bytes',
    'builtins.bytearray',
    'builtins.slice',
    'builtins.complex',
    '_codecs.encode',
  ],
  ...[
    'copyreg._reconstructor',
    'copyreg.__newobj__',
    'copy_reg._reconstructor',
    'subprocess.Popen',
  ],
  ...['numpy.dtype', 'numpy.ndarray', 'numpy.core.multiarray._reconstruct', 'numpy.f.g'],
  ...[
    'numpy._core.multiarray.scalar',
    'numpy.core.numeric._frombuffer',
    'numpy.core._ufunc_reconstruct',
  ],
  ...[
    'numpy.ma.core._mareconstruct',
    'joblib.numpy_pickle.NumpyArrayWrapper',
    'sklearn.tree._tree.Tree',
  ],
  ...['sklearn.neighbors._kd_tree.newObj', 'sklearn._loss._loss.__pyx_unpickle_CyHalfBinomialLoss'],
  ...['sklearn.linear_model._base.LinearRegression', 'sklearn.pipeline.Pipeline', 'x.constructor'],
  ...[
    'x.__proto__',
    '__proto__.__proto__',
    'constructor.prototype',
    'x.toString',
    'hasOwnProperty.call',
  ],
];
const words = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'then',
    'length',
    'type',
    'items',
  ],
  ...[
    'shape',
    'order',
    'dtype',
    'C',
    'F',
    'latin1',
    'f8',
    'O8',
    'V16',
    'U3',
    'S0',
    'i4',
    '<',
    '>',
    '|',
  ],
  ...[
    'coef_',
    'intercept_',
    'n_features_in_',
    '_sklearn_version',
    '1.9.1',
    'steps',
    '',
    '\0',
    '\ud800',
  ],
];
/** Operations alone, which seldom find what they need. */
const letters = '.012NaeQb}]ltsu)oRd(\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94';
const loose: readonly ((random: Random) => Uint8Array)[] = [
  (random) => program(random.pick([...letters])),
  (random) => program(random.below(256)),
  (random) => Uint8Array.from({ length: random.below(6) }, () => random.below(256)),
  (random) =>
    program(
      random.pick(['I', 'L', 'F', 'S', 'V', 'p', 'g', 'P', 'i']),
      random.pick(['1', '01', '-7L', '1e400', "'a'", '\\u0041', 'os\nsystem', '']),
      '\n',
    ),
];

const dtypes = (random: Random) =>
  dtype(random.pick(['f8', 'O8', 'i4', 'U2', 'S0', 'V8', 'M8']), random.pick(['<', '>', '|']));

/** Programs that push one value. */
const leaves: readonly ((random: Random) => Uint8Array)[] = [
  () => program('N'),
  (random) => program(random.pick(['\x88', '\x89'])),
  (random) => text(random.pick(words)),
  (random) => int(random.pick([0, 1, 2, 3, -1, 255, 2 ** 31, 2 ** 53, -(2 ** 53)])),
  (random) =>
    program(
      'G',
      Uint8Array.from({ length: 8 }, () => random.below(256)),
    ),
  (random) => bytes(new Uint8Array(random.pick([0, 1, 8, 16, 24]))),
  (random) => global(random.pick(names)),
  (random) => get(random.below(4)),
  dtypes,
];
const branches: readonly ((random: Random, inner: () => Uint8Array) => Uint8Array)[] = [
  (random, inner) => program('(', inner(), inner(), random.pick(['t', 'l', '\x91'])),
  (_, inner) => program('](', inner(), inner(), 'e'),
  (_, inner) => program('\x8f(', inner(), '\x90'),
  (random, inner) => program('}(', text(random.pick(words)), inner(), inner(), inner(), 'u'),
  (random, inner) => program(inner(), put(random.below(4))),
  (random, inner) =>
    program(global(random.pick(names)), '(', inner(), inner(), 't', random.pick(['R', '\x81'])),
  (random, inner) => program(global(random.pick(names)), inner(), '\x85', 'R', inner(), 'b'),
  (random, inner) => object(random.pick(names), { [random.pick(words)]: inner() }),
  (random, inner) => line({ [random.pick(words)]: inner(), [random.pick(words)]: inner() }),
  (random, inner) =>
    array([random.below(3), 2], dtypes(random), random.pick([inner(), bytes(new Uint8Array(16))])),
  (random, inner) => array([random.below(3)], dtype('O8'), program('](', inner(), inner(), 'e')),
  (random, inner) => program(wrapper([random.below(3)], dtypes(random)), inner(), '.'),
  (random) => program(wrapper([random.below(3)], dtype('f8')), new Uint8Array(8 * random.below(3))),
  (random, inner) => program(inner(), random.pick(loose)(random)),
];

function randomValue(random: Random, depth: number): Uint8Array {
  if (depth === 0 || random.below(4) === 0) return random.pick(leaves)(random);
  return random.pick(branches)(random, () => randomValue(random, depth - 1));
}

/** A program that mostly runs to its end, and means anything; half of them stand for a model with other attributes. */
export function randomProgram(random: Random): Uint8Array {
  const value = randomValue(random, 4);
  return random.below(2) === 0 ? file(value) : file(line({ [random.pick(words)]: value }));
}

/** A file with a few of its bytes gone, others, or twice, or a few operations more. */
export function changed(bytes: Uint8Array, random: Random): Uint8Array {
  let result = Buffer.from(bytes);
  for (let change = random.below(3); change >= 0; change--) {
    const at = 2 + random.below(result.length - 2);
    const length = 1 + random.below(random.pick([1, 4, 40]));
    const rest = result.subarray(at + length);
    const kept = result.subarray(at, at + length);
    const between = random.pick<() => Uint8Array>([
      () => kept.map((byte) => byte ^ (1 << random.below(8))),
      () => kept.map(() => random.below(256)),
      () => new Uint8Array(0),
      () => Buffer.concat([kept, kept]),
      () => Buffer.concat([random.pick(loose)(random), kept]),
    ])();
    result = Buffer.concat([result.subarray(0, at), between, rest]);
  }
  return result;
}
