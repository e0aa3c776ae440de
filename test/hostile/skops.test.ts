import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readNpy } from '../../formats/skops/npy.js';
import { readSkops } from '../../formats/skops/read.js';
import { readZip } from '../../formats/skops/zip.js';
import { answers, expectRefused, outcomeOf, reportDocuments } from './change-document.js';
import { expectTyped, refusals } from './oracle.js';
import { places, replaced } from './plain-data.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Archives that are cut off, changed anywhere, or that inflate to more than they are worth. */
reportDocuments('skops');

const fixture = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/skops/${name}`, import.meta.url)));

interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the directory says in place of what is true: method, size, place of the file, flags. */
  readonly says?: { method?: number; size?: number; at?: number; flags?: number };
}

/** An archive, its files stored or deflated. */
function zipOf(parts: readonly Part[], deflated = false): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, says = {} } of parts) {
    const data = deflated ? deflateRawSync(bytes) : bytes;
    const title = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(title.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    entry.writeUInt16LE(says.flags ?? 0, 8);
    entry.writeUInt16LE(says.method ?? (deflated ? 8 : 0), 10);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(says.size ?? bytes.length, 24);
    entry.writeUInt16LE(title.length, 28);
    entry.writeUInt32LE(says.at ?? at, 42);
    files.push(local, title, Buffer.from(data));
    directory.push(entry, title);
    at += local.length + title.length + data.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, list, end]);
}

/** Two files of the same 900 bytes, of an archive that has these once. */
function sharing(): Buffer {
  const twice = zipOf([
    { name: 'a', bytes: new Uint8Array(900) },
    { name: 'b', bytes: new Uint8Array(0) },
  ]);
  const [first, second] = [twice.indexOf('PK\x01\x02'), twice.lastIndexOf('PK\x01\x02')];
  twice.copy(twice, second, first, first + 46);
  return twice;
}

const unharmed = fixture('forest.stored.skops');
const partsOf = async (bytes: Uint8Array): Promise<Part[]> =>
  [...(await readZip(bytes, { left: 1e9 }))].map(([name, part]) => ({ name, bytes: part }));

test(
  'any file cut off, or with bits flipped, is refused, or answers as before',
  async () => {
    const draws = campaign(71);
    for (const file of [unharmed, fixture('table.deflated.skops')]) {
      for (const length of draws.sample(file.length, 100 * fuzzRuns))
        await expectRefused(`cut off at ${length}`, file.subarray(0, length));
      const before = await outcomeOf('unharmed', file);
      for (let i = 0; i < 200 * fuzzRuns; i++) {
        const copy = Buffer.from(file);
        const at = draws.below(copy.length);
        copy[at]! ^= 1 << draws.below(8);
        const outcome = await outcomeOf(`bit of byte ${at}`, copy);
        if ('model' in outcome && 'model' in before)
          expect(answers(outcome.model), `bit of byte ${at}`).toBe(answers(before.model));
      }
    }
  },
  fuzzTimeout,
);

test(
  'any place of the schema may be anything',
  async () => {
    const parts = await partsOf(fixture('sparse.stored.skops'));
    const schema = JSON.parse(
      Buffer.from(parts.find(({ name }) => name === 'schema.json')!.bytes).toString(),
    );
    const others = parts.filter(({ name }) => name !== 'schema.json');
    const draws = campaign(72);
    const anything = [undefined, null, true, -1, 1e300, '', 'None', '[]', [], {}, [[[]]], { a: 1 }];
    const all = [...places(schema)];
    for (const i of draws.sample(all.length, 150 * fuzzRuns)) {
      for (const by of [draws.pick(anything), draws.pick(anything)]) {
        const text = JSON.stringify(replaced(schema, all[i]!, by)) ?? 'null';
        const changed = { name: 'schema.json', bytes: Buffer.from(text) };
        await outcomeOf(`${all[i]!.join('.')}: ${JSON.stringify(by)}`, zipOf([...others, changed]));
      }
    }
  },
  fuzzTimeout,
);

describe('an archive', () => {
  const schema = { name: 'schema.json', bytes: Buffer.from('{}') };

  test.each([
    ['whose files share their bytes', sharing(), 'malformed'],
    ['of two files of one name', zipOf([schema, schema]), 'malformed'],
    ['of a method that nobody knows', zipOf([{ ...schema, says: { method: 12 } }]), 'unsupported'],
    ['that is encrypted', zipOf([{ ...schema, says: { flags: 1 } }]), 'unsupported'],
    ['whose file is elsewhere', zipOf([{ ...schema, says: { at: 7 } }]), 'malformed'],
    [
      'whose file is larger than it says',
      zipOf([{ ...schema, says: { size: 1 } }], true),
      'malformed',
    ],
    [
      'that inflates to a thousand times its size',
      zipOf([schema, { name: 'a', bytes: new Uint8Array(2e7) }], true),
      'limit-exceeded',
    ],
    ['without a schema', zipOf([{ name: 'a', bytes: new Uint8Array(9) }]), 'not-a-model'],
    [
      'of a newer protocol',
      zipOf([{ ...schema, bytes: Buffer.from('{"protocol": 3}') }]),
      'unsupported-version',
    ],
    [
      'nested too deeply',
      zipOf([
        { ...schema, bytes: Buffer.from(`${'{"content":'.repeat(5000)}1${'}'.repeat(5000)}`) },
      ]),
      'limit-exceeded',
    ],
  ] as const)('%s', async (what, file, code) => {
    const error = await expectRefused(what, file);
    expect(error.code).toBe(code);
  });

  test('of older versions has keys of numpy, losses of their own, and the missing value of pandas', async () => {
    const node = (module: string, name: string, loader: string, id: number, more: object = {}) => ({
      ...{ __module__: module, __class__: name, __loader__: loader, __id__: id },
      ...more,
    });
    const number = (content: string, id: number) =>
      node('builtins', 'int', 'JsonNode', id, { content });
    const tuple = node('builtins', 'tuple', 'TupleNode', 2, { content: [number('7', 3)] });
    const dict = node('builtins', 'dict', 'DictNode', 1, {
      protocol: 1,
      content: {
        loss: node('_sgd_fast', 'Hinge', 'SGDNode', 4, {
          __reduce__: { args: tuple },
          content: number('0', 5),
        }),
        gap: node('pandas.api.typing', 'NAType', 'ObjectNode', 6),
      },
      key_types: { content: [8, 9].map((id) => node('numpy', 'str_', 'TypeNode', id)) },
    });
    const bytes = Buffer.from(JSON.stringify(dict));
    expect(await readSkops(zipOf([{ ...schema, bytes }]), 2 ** 20)).toMatchObject({
      entries: [
        ['loss', { className: '_sgd_fast.Hinge', args: [7], state: 0 }],
        ['gap', { type: 'global', name: 'pandas.NA' }],
      ],
    });
  });

  test('of nodes that are called like what objects have in JavaScript holds them as names', async () => {
    const json = (content: string, id: number) => ({
      __class__: 'str',
      __module__: 'builtins',
      __loader__: 'JsonNode',
      content,
      __id__: id,
    });
    const text = JSON.stringify({
      protocol: 2,
      __class__: 'dict',
      __module__: 'builtins',
      __loader__: 'DictNode',
      __id__: 1,
      content: 'CONTENT',
      key_types: {
        content: [{ __class__: 'str', __module__: 'builtins', __loader__: 'TypeNode', __id__: 2 }],
        __id__: 3,
      },
    }).replace('"CONTENT"', `{"__proto__":${JSON.stringify(json('1', 4))}}`);
    const error = await expectRefused(
      '__proto__',
      zipOf([{ ...schema, bytes: Buffer.from(text) }]),
    );
    expect(error.message).toContain('expected a scikit-learn estimator, found a dict');
  });
});

describe('an array of numpy', () => {
  const npy = (header: string, data = new Uint8Array(0)) => {
    const start = Buffer.from(`\x93NUMPY\x01\0..${header}\n`, 'latin1');
    start.writeUInt16LE(start.length - 10, 8);
    return Buffer.concat([start, data]);
  };
  const header = (descr: string, shape = '(2,)') =>
    `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
  const memory = 2 ** 20;

  test('of fields has them where they are, between those without a name', () => {
    const descr = "[('a', '<i4'), ('', '|V4'), ('größe', '<f8', (2,))]";
    const array = readNpy(Buffer.from(npy(header(descr), new Uint8Array(48))), memory);
    expect(array).toMatchObject({
      shape: [2],
      dtype: {
        names: ['a', 'größe'],
        offsets: [0, 8],
        itemsize: 24,
        formats: ['<i4', { base: '<f8', shape: [2] }],
      },
    });
  });

  test('of big-endian numbers has them turned', () => {
    const array = readNpy(npy(header("'>i2'"), Uint8Array.of(1, 2, 3, 4)), memory);
    expect([array.dtype, ...array.bytes]).toEqual(['<i2', 2, 1, 4, 3]);
  });

  test.each([
    ['of objects', header("'|O'")],
    ['of bytes that are not there', header("'<f8'")],
    ['of no dtype', header("'spam'")],
    ['of a dtype of dtypes', header("[('a', [('b', '<f8')])]")],
    ['of fields of one name', header("[('a', '<f8'), ('a', '<f8')]")],
    ['of a negative length', header("'<f8'", '(-1,)')],
    ['of endless length', header("'<f8'", `(${'9'.repeat(400)},)`)],
    ['of no shape', header("'<f8'", "'no'")],
    ['whose header is a call', "__import__('os').system('true')"],
    ['whose header is cut off', "{'descr': '<f8', 'shape': (2,"],
    ['whose header is nested', `${'('.repeat(5000)}`],
    ['whose header is empty', ''],
    ['of very many elements of no size', header("'|V0'", '(99999999,)')],
  ])('%s is refused', (what, text) => {
    try {
      readNpy(npy(text), memory);
    } catch (error) {
      expectTyped(what, error, [...refusals, 'truncated']);
      return;
    }
    expect.fail('accepted');
  });
});
