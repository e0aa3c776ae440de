import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importModel } from '../../formats/index.js';
import { readNut, writeNut } from '../../formats/nut/index.js';
import { asPredictor, type ErrorCode, load, type NuthatchError } from '../../src/index.js';
import {
  assemble,
  encode,
  type FileParts,
  nutStart,
  Pairs,
  Raw,
  takeApart,
  uint32,
} from './encode-nut.js';
import { findExports } from './fixtures.js';
import { smallModels } from './models.js';
import { attempt, refusals, Tally } from './oracle.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Damaged files, and files whose parts and header lie. */

const damage: readonly ErrorCode[] = [
  'corrupt',
  'truncated',
  'not-a-model',
  'unsupported-version',
  'malformed',
  'limit-exceeded',
  'invalid-model',
];
const tally = new Tally();
afterAll(() => {
  console.log(`nut-bytes, damaged files judged: ${tally}`);
});

/** Fails unless the bytes are refused; every damage must be seen. */
function expectRefused(
  what: string,
  bytes: Uint8Array,
  codes: readonly ErrorCode[] = damage,
): NuthatchError {
  const outcome = attempt(what, codes, () => load(bytes));
  if (!('error' in outcome)) expect.fail(`${what}: accepted`);
  tally.add(outcome.error);
  return outcome.error;
}

function expectFlipRefused(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  expectRefused(`bit ${bit}`, bytes);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
}

const names = Object.keys(smallModels);
const files = new Map(names.map((name) => [name, writeNut(smallModels[name]!())]));
const linear = takeApart(smallModels['linear, softmax']!());
/** A sound file with some parts replaced. */
const file = (parts: Partial<FileParts>) => assemble({ ...linear, ...parts });
const withHeader = (header: object) => file({ header: { ...linear.header, ...header } });

describe('damage', () => {
  /** What lies around a model is the same for every kind: `npm test` takes one model in eight. */
  const drawn = names.filter((_, i) => fuzzRuns > 1 || i % 8 === 0);
  /** Small enough for every bit: models without golden rows and most of their provenance. */
  const smallest = drawn.filter((name) => !name.includes('forest'));
  test.each(smallest)(
    '%s, without golden rows: cut off at any byte, any bit flipped',
    (name) => {
      const model = smallModels[name]!();
      const { provenance } = model;
      const bare = { ...provenance, digest: null, time: null, metadata: {} };
      const bytes = writeNut({ ...model, golden: [], provenance: bare, reference: null });
      for (let length = 0; length < bytes.length; length++)
        expectRefused(`${length} bytes`, bytes.slice(0, length));
      const every = fuzzRuns > 1 || bytes.length < 750;
      const bits = campaign(1).sample(bytes.length * 8, every ? Number.POSITIVE_INFINITY : 800);
      for (const bit of bits) expectFlipRefused(bytes, bit);
      expect(load(bytes).nFeatures).toBeGreaterThan(0);
    },
    fuzzTimeout,
  );

  test.each(drawn)(
    '%s: cut off or a bit flipped at drawn places, every bit of the checksums',
    (name) => {
      const bytes = Uint8Array.from(files.get(name)!);
      const random = campaign(names.indexOf(name));
      for (const length of random.sample(bytes.length, 100 * fuzzRuns))
        expectRefused(`${length} bytes`, bytes.slice(0, length));
      for (const bit of random.sample(bytes.length * 8, 200 * fuzzRuns))
        expectFlipRefused(bytes, bit);
      for (let bit = (bytes.length - 10) * 8; bit < bytes.length * 8; bit++)
        expectFlipRefused(bytes, bit);
    },
    fuzzTimeout,
  );

  test(
    'several bytes overwritten, bytes swapped, removed and inserted',
    () => {
      const random = campaign(42);
      for (let run = 0; run < 1000 * fuzzRuns; run++) {
        const original = files.get(random.pick(names))!;
        let bytes = Uint8Array.from(original);
        const at = random.below(bytes.length);
        const to = random.below(bytes.length);
        const length = 1 + random.below(64);
        const kind = random.below(5);
        if (kind === 0) for (let i = at; i < at + length; i++) bytes[i] = random.below(256);
        else if (kind === 1) bytes.copyWithin(to, at, at + length);
        else if (kind === 2)
          bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
        else if (kind === 3)
          bytes = Uint8Array.from([
            ...bytes.subarray(0, at),
            ...bytes.subarray(to, to + length),
            ...bytes.subarray(at),
          ]);
        else bytes.fill(random.pick([0, 255]), at, at + length);
        if (Buffer.compare(bytes, original) === 0) continue;
        expectRefused(`run ${run}`, bytes);
      }
    },
    fuzzTimeout,
  );

  test('bytes after the end', () => {
    for (const [name, bytes] of files) {
      for (const more of [[0], [0xc0], Array(64).fill(0), [...bytes]])
        expectRefused(`${name} and ${more.length} bytes`, Uint8Array.from([...bytes, ...more]), [
          'malformed',
        ]);
    }
  });

  const exports = findExports(60_000).filter(
    (_, i, all) => fuzzRuns > 1 || i % Math.ceil(all.length / 12) === 0,
  );
  test.each(exports.map((one) => [one.name, one] as const))(
    'fixture %s: cut off or a bit flipped at drawn places',
    async (_, { bytes: json }) => {
      const bytes = writeNut(await importModel(json));
      const random = campaign(bytes.length);
      for (const length of random.sample(bytes.length, 100 * fuzzRuns))
        expectRefused(`${length} bytes`, bytes.slice(0, length));
      for (const bit of random.sample(bytes.length * 8, 60 * fuzzRuns))
        expectFlipRefused(bytes, bit);
    },
    fuzzTimeout,
  );

  test('a file that is damaged only in its payload is named by its tensor, and loads without that checksum', () => {
    const bytes = Uint8Array.from(files.get('linear, softmax')!);
    const coefficients = (readNut(bytes).root as unknown as { coefficients: Float64Array })
      .coefficients;
    bytes[coefficients.byteOffset - bytes.byteOffset + 3]! ^= 4;
    expect(expectRefused('payload', bytes, ['corrupt']).path).toBe('tensor "root.coefficients"');
    expect(load(bytes, { checksum: 'header' }).nFeatures).toBe(3);
  });
});

describe('parts that lie', () => {
  test('the unchanged file loads', () => {
    expect(load(file({})).nFeatures).toBe(3);
  });

  test('another magic', () => {
    for (let i = 0; i < nutStart.length; i++) {
      const start = [...nutStart];
      start[i]! ^= 0x20;
      expectRefused(`byte ${i}`, file({ start }), ['not-a-model']);
    }
    for (const start of [
      'PK\u0003\u0004',
      '{"format":1}',
      '\u001f\u008b\u0008',
      '',
      '\u0080\u0004',
    ])
      expectRefused(start, Uint8Array.from(Buffer.from(start, 'latin1')), [
        'not-a-model',
        'truncated',
      ]);
  });

  test('the magic in another MessagePack type', () => {
    const start = [0xdc, 0, 6, 0xd9, 8, ...Buffer.from('nuthatch'), 0x92];
    expectRefused('array 16', file({ start }), ['not-a-model']);
  });

  test.each([0, 2, 3, 126, 127])('major version %i', (major) => {
    expectRefused('major', file({ version: [major, 0] }), ['unsupported-version']);
  });

  test.each([
    [1, 128],
    [128, 0],
    [255, 255],
    [0xcc, 1],
  ] as const)('version bytes %i, %i', (major, minor) => {
    expectRefused('version', file({ version: [major, minor] }), [
      'malformed',
      'unsupported-version',
    ]);
  });

  test('a newer minor version with keys that this reader does not know, everywhere', () => {
    const addTo = (value: unknown, depth: number): unknown => {
      if (Array.isArray(value)) return value.map((item) => addTo(item, depth + 1));
      if (value === null || typeof value !== 'object' || '$tensor' in value) return value;
      const map = value as Record<string, unknown>;
      const copy = Object.fromEntries(
        Object.keys(map).map((key) => [key, addTo(map[key], depth + 1)]),
      );
      return { ...copy, newer: [1, { x: 'y' }], __newer__: null };
    };
    const header = addTo(linear.header, 0) as Record<string, Record<string, unknown>>;
    // These are maps of a person's own names, whose values are strings.
    const own = linear.header as unknown as typeof header;
    header.provenance!.metadata = own.provenance!.metadata;
    (header.golden as unknown as Record<string, unknown>[])[0]!.environment = (
      own.golden as unknown as Record<string, unknown>[]
    )[0]!.environment;
    const rows = [
      [0.5, -1, 2],
      [1, 1, 1],
    ];
    for (const minor of [0, 1, 127]) {
      const bytes = file({ header, version: [1, minor] });
      expect(asPredictor(load(bytes)).raw(rows)).toEqual(asPredictor(load(file({}))).raw(rows));
      expect(readNut(bytes)).toEqual(readNut(file({})));
    }
  });

  test('a critical feature that this reader does not know is refused, as is a list of them that is none', () => {
    const error = expectRefused('critical', withHeader({ critical: ['quantized'] }), [
      'unsupported-version',
    ]);
    expect(error.message).toContain('"quantized"');
    for (const critical of [
      undefined,
      null,
      'quantized',
      { quantized: true },
      7,
      true,
      [['x']],
      [{}],
      [null],
      [1],
    ])
      expectRefused(`critical ${JSON.stringify(critical)}`, withHeader({ critical }), [
        'invalid-model',
      ]);
    const many = Array.from({ length: 5000 }, (_, i) => `feature ${i}`);
    expect(
      expectRefused('many', withHeader({ critical: many }), ['unsupported-version']).message.length,
    ).toBeLessThan(500);
  });

  test('the payload’s length', () => {
    const length = linear.payload.length;
    for (const payloadLength of [
      0,
      1,
      length - 1,
      length + 1,
      length + 10,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32 - 1,
    ])
      expectRefused(`length ${payloadLength}`, file({ payloadLength }), ['truncated', 'malformed']);
  });

  test('the padding', () => {
    const sound = file({});
    const header = encode(linear.header).length;
    const pad = (64 - ((header + 13 + 7) % 64)) % 64;
    for (const padLength of [0, 1, pad - 1, pad + 1, pad + 64, 255].filter(
      (length) => length >= 0 && length !== pad,
    ))
      expectRefused(`pad length ${padLength}`, file({ padLength }), ['malformed', 'truncated']);
    for (let i = 0; i < pad; i++) {
      const zeros = new Array<number>(pad).fill(0);
      zeros[i] = 1;
      expectRefused(`pad byte ${i}`, file({ pad: zeros }), ['malformed']);
    }
    expectRefused('64 bytes too many', file({ pad: new Array(pad + 64).fill(0) }), ['malformed']);
    expectRefused('unaligned', file({ pad: new Array(pad + 1).fill(0) }), ['malformed']);
    for (const padMarker of [0xc0, 0xc5, 0xc6, 0xd9])
      expectRefused('marker', file({ padMarker }), ['malformed']);
    for (const payloadMarker of [0xc0, 0xc4, 0xc5, 0xdb])
      expectRefused('marker', file({ payloadMarker }), ['malformed']);
    for (const marker of [
      [0xc4, 7],
      [0xc4, 9],
      [0xc5, 8],
      [0xd7, 8],
    ] as [number, number][])
      expectRefused('marker', file({ checksumMarker: marker }), ['malformed', 'truncated']);
    expect(load(sound).nFeatures).toBe(3);
  });

  test('every length of the header’s containers and strings, up to 2³² − 1', () => {
    const lies = [127, 2 ** 16, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
    for (const [type, least] of [
      [0xdd, 0],
      [0xdf, 0],
      [0xdb, 0],
      [0xc6, 0],
      [0xc9, 0],
    ] as const) {
      for (const length of lies) {
        for (const body of [[], [0xa1, 0x61, 0x01], new Array<number>(200).fill(0xc0)]) {
          const raw = new Raw(type, ...uint32(length + least), ...body);
          expectRefused(`0x${type.toString(16)} of ${length}`, file({ header: raw }));
          expectRefused(
            `0x${type.toString(16)} of ${length} inside`,
            withHeader({ reference: raw }),
          );
        }
      }
    }
    for (const [type, length] of [
      [0xdc, 0xffff],
      [0xde, 0xffff],
      [0xda, 0xffff],
      [0xd9, 0xff],
      [0x9f, 0],
      [0x8f, 0],
      [0xbf, 0],
    ] as const)
      expectRefused(
        `0x${type.toString(16)}`,
        file({ header: new Raw(type, length >>> 8, length & 255, 0xc0) }),
      );
  });
});

describe('headers that MessagePack allows and the format does not', () => {
  const refused: Readonly<Record<string, unknown>> = {
    'an extension that msgpackr takes for records (0x72)': new Raw(0xd4, 0x72, 0x40),
    'a record definition': new Raw(0xc7, 3, 0x72, 0x91, 0xa1, 0x61),
    'a timestamp': new Raw(0xd6, 0xff, 0, 0, 0, 0),
    'extensions of all sizes': new Raw(0x95, 0xd4, 1, 0, 0xd5, 1, 0, 0, 0xd6, 1, 0, 0, 0, 0),
    'an extension of 8 bytes': new Raw(0xd7, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    'an extension of 16 bytes': new Raw(0xd8, 1, ...new Array<number>(16).fill(0)),
    'binary data': new Raw(0xc4, 1, 0),
    'the type that is never used': new Raw(0xc1),
    'a key twice': new Pairs([
      ['a', 1],
      ['a', 1],
    ]),
    'a key twice, written in two ways': new Raw(0x82, 0xa1, 0x61, 1, 0xd9, 1, 0x61, 1),
    'a number as a key': new Pairs([[1, 1]]),
    'nil as a key': new Pairs([[null, 1]]),
    'an array as a key': new Pairs([[[], 1]]),
    'a map as a key': new Pairs([[{}, 1]]),
    'a byte that begins no character': { x: new Raw(0xa1, 0xff) },
    'a character cut off': { x: new Raw(0xa1, 0xc3) },
    'half a surrogate pair': { x: new Raw(0xa3, 0xed, 0xa0, 0x80) },
    'a character in too many bytes': { x: new Raw(0xa2, 0xc0, 0x80) },
    'a key that is not UTF-8': new Raw(0x81, 0xa1, 0xff, 1),
    '2⁵³': { x: 2n ** 53n },
    '−2⁵³': { x: -(2n ** 53n) },
    '2⁶⁴ − 1': { x: 2n ** 64n - 1n },
    '−2⁶³': { x: -(2n ** 63n) },
  };
  test.each(Object.keys(refused))('%s', (name) => {
    expectRefused(name, withHeader({ reference: refused[name] }), ['malformed']);
  });

  test('the largest integers, a byte-order mark and every kind of name are kept', () => {
    const reference = {
      largest: 2 ** 53 - 1,
      least: -(2 ** 53 - 1),
      names: ['\ufeffmark', '__proto__', 'constructor', '', '\u0000', '😀'],
      maps: new Pairs([
        ['__proto__', { a: 1 }],
        ['constructor', 2],
        ['', 3],
        ['\u0000', 4],
        ['\ufeffa', 5],
        ['a', 6],
      ]),
    };
    const read = readNut(withHeader({ reference })).reference as Record<
      string,
      Record<string, unknown>
    >;
    expect(read.largest).toBe(2 ** 53 - 1);
    expect(read.least).toBe(-(2 ** 53 - 1));
    expect(read.names).toEqual(reference.names);
    expect(Object.getPrototypeOf(read.maps)).toBe(null);
    expect(Object.keys(read.maps!)).toEqual([
      '__proto__',
      'constructor',
      '',
      '\u0000',
      '\ufeffa',
      'a',
    ]);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  test('a header that is no map', () => {
    for (const header of [null, 7, 'x', [], [[]], true])
      expectRefused(JSON.stringify(header), file({ header }), ['malformed', 'invalid-model']);
  });

  test('nesting a million deep, in every kind of container, is an error within 50 ms', () => {
    for (const head of [[0x91], [0x81, 0xa1, 0x61], [0xdd, 0, 0, 0, 1], [0xdc, 0, 1]]) {
      const unit = Buffer.from(head);
      const bytes = file({
        header: new Uint8Array(
          Buffer.concat([Buffer.alloc(unit.length * 1_000_000, unit), Buffer.of(0xc0)]),
        ),
      });
      const started = performance.now();
      expectRefused('deep', bytes, ['limit-exceeded']);
      expect(performance.now() - started).toBeLessThan(250);
    }
  });

  test('nesting up to 64 is read, 65 is not', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(load(withHeader({ reference: { x: nested(62) } })).nFeatures).toBe(3);
    expectRefused('65', withHeader({ reference: { x: nested(63) } }), ['limit-exceeded']);
  });

  test('strings, headers and files beyond their limits', () => {
    const long = 'x'.repeat(2 ** 20);
    expect(load(withHeader({ reference: { long } })).nFeatures).toBe(3);
    expectRefused('string', withHeader({ reference: { long: `${long}x` } }), ['limit-exceeded']);
    const bytes = file({});
    for (const limits of [
      { fileBytes: bytes.length - 1 },
      { headerBytes: 100 },
      { stringBytes: 5 },
      { nesting: 2 },
    ]) {
      const outcome = attempt(JSON.stringify(limits), ['limit-exceeded'], () =>
        load(bytes, { limits }),
      );
      expect('error' in outcome).toBe(true);
    }
  });
});

describe('tensors that lie', () => {
  type Changes = Record<string, unknown>;
  const changed = (...changes: (Changes | undefined)[]) => {
    const tensors = linear.header.tensors.map((entry, i) => ({ ...entry, ...changes[i] }));
    return withHeader({ tensors });
  };
  const codes: readonly ErrorCode[] = ['malformed', 'invalid-model'];
  const [first, second] = linear.header.tensors as unknown as { offset: number; length: number }[];

  test('overlapping, out of order, out of range, misaligned, of a wrong length', () => {
    const lies: Readonly<Record<string, Changes[]>> = {
      'on top of the first': [{}, { offset: 0 }],
      'within the first': [{}, { offset: second!.offset - 16 }],
      'misaligned by 8': [{}, { offset: second!.offset + 8 }],
      'misaligned by 1': [{}, { offset: second!.offset + 1 }],
      'beyond the payload': [{}, { offset: linear.payload.length }],
      'far beyond the payload': [{}, { offset: 2 ** 52 }],
      'before the payload': [{ offset: -16 }],
      'longer than the payload': [
        { length: linear.payload.length + 8, shape: [linear.payload.length / 8 + 1] },
      ],
      'of an overflowing shape': [{ shape: [2 ** 53 - 1] }],
      'of two dimensions': [{ shape: [3, 3] }],
      'of no dimension': [{ shape: [] }],
      'of a negative length': [{ shape: [-9], length: -72 }],
      'of half an element': [{ shape: [9.5], length: 76 }],
      'of text': [{ shape: ['9'] }],
      'of another type': [{ dtype: 'float32' }],
      'of an unknown type': [{ dtype: 'float16' }],
      'of a type that objects inherit': [{ dtype: 'constructor' }],
      'one element short': [{ shape: [8], length: 64 }],
    };
    expect(first!.offset).toBe(0);
    for (const [name, changes] of Object.entries(lies))
      expectRefused(name, changed(...changes), codes);
  });

  test('used twice, not used, not there', () => {
    const root = linear.header.root as Changes;
    for (const coefficients of [
      { $tensor: 1 },
      { $tensor: 99 },
      { $tensor: -1 },
      { $tensor: 2 ** 53 - 1 },
      { $tensor: 'length' },
      { $tensor: '__proto__' },
      { $tensor: {} },
      { $tensor: [] },
      { $tensor: null },
      { $tensor: true },
      { $tensor: 0, x: 1 },
      0,
      [],
    ])
      expectRefused(
        JSON.stringify(coefficients),
        withHeader({ root: { ...root, coefficients } }),
        codes,
      );
    expectRefused('also elsewhere', withHeader({ reference: { again: { $tensor: 0 } } }), codes);
    const extra = {
      name: 'spare',
      dtype: 'uint8',
      shape: [0],
      offset: linear.payload.length,
      length: 0,
      crc32: 0,
    };
    expectRefused('not used', withHeader({ tensors: [...linear.header.tensors, extra] }), codes);
    const used = withHeader({
      tensors: [...linear.header.tensors, extra],
      reference: { spare: { $tensor: linear.header.tensors.length } },
    });
    expect(load(used).nFeatures).toBe(3);
  });

  test('bytes that belong to no tensor: before, between and after, zero or not', () => {
    for (const fill of [0, 1]) {
      const more = new Uint8Array(linear.payload.length + 16).fill(fill);
      more.set(linear.payload);
      expectRefused('after', file({ payload: more }), codes);
      const shifted = new Uint8Array(linear.payload.length + 16).fill(fill);
      shifted.set(linear.payload, 16);
      const tensors = linear.header.tensors.map((entry) => ({
        ...entry,
        offset: (entry.offset as number) + 16,
      }));
      expectRefused(
        'before',
        file({ header: { ...linear.header, tensors }, payload: shifted }),
        codes,
      );
    }
    const end = first!.offset + first!.length;
    for (let at = end; at < second!.offset; at++) {
      const payload = linear.payload.slice();
      payload[at] = 1;
      expectRefused(`gap at ${at}`, file({ payload }), ['malformed']);
    }
    expect(second!.offset).toBeGreaterThan(end);
  });
});

describe('memory', () => {
  const script = `
    const { readFileSync } = await import('node:fs');
    const { load } = await import(process.argv[1]);
    const bytes = new Uint8Array(readFileSync(process.argv[2]));
    const before = process.resourceUsage().maxRSS;
    let code = 'accepted';
    try { load(bytes); } catch (error) { code = error.code ?? String(error); }
    console.log(JSON.stringify({ code, kilobytes: process.resourceUsage().maxRSS - before }));
  `;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nuthatch-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const million = 1_000_000;
  const repeat = (count: number, ...unit: number[]) =>
    new Uint8Array(
      Buffer.concat([
        Buffer.of(0xdd, ...uint32(count)),
        Buffer.alloc(count * unit.length, Buffer.from(unit)),
      ]),
    );
  const greedy: Readonly<Record<string, () => Uint8Array>> = {
    'empty maps': () => repeat(2 * million, 0x80),
    'maps of one key': () => repeat(million, 0x81, 0xa1, 0x61, 1),
    'empty arrays': () => repeat(3 * million, 0x90),
    'small integers': () => repeat(6 * million, 1),
    'short strings': () => repeat(2 * million, 0xa2, 0x61, 0x62),
    'one map of many keys': () => {
      const keys = Array.from({ length: 200_000 }, (_, i) => [
        0xa4,
        ...Buffer.from(i.toString(36).padStart(4, '0')),
        0xc0,
      ]);
      return new Uint8Array(
        Buffer.concat([Buffer.of(0xdf, ...uint32(keys.length)), Buffer.from(keys.flat())]),
      );
    },
    'an array of 2³² − 1': () => Uint8Array.of(0xdd, ...uint32(2 ** 32 - 1), 0xc0),
    'a map of 2³² − 1': () => Uint8Array.of(0xdf, ...uint32(2 ** 32 - 1), 0xc0),
    'many columns in few bytes': () =>
      Uint8Array.from(
        encode({
          ...linear.header,
          root: { ...(linear.header.root as object), features: million, outputs: 65_536 },
          input: { type: 'matrix', features: million },
        }),
      ),
  };
  test.each(Object.keys(greedy))('%s: at most 64 MB and four times the file', (name) => {
    const path = join(folder, 'greedy.nut');
    const bytes = file({ header: greedy[name]!() });
    writeFileSync(path, bytes);
    const dist = new URL('../../dist/src/index.js', import.meta.url).href;
    const output = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', script, dist, path],
      { encoding: 'utf8' },
    );
    const { code, kilobytes } = JSON.parse(output) as { code: ErrorCode; kilobytes: number };
    expect([...refusals, 'truncated']).toContain(code);
    expect(kilobytes * 1024).toBeLessThan(64 * 2 ** 20 + 4 * bytes.length);
  });
});
