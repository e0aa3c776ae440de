import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { importModel } from '../../formats/index.js';
import { readPickle } from '../../formats/pickle/machine.js';
import type { PyValue } from '../../formats/sklearn/python.js';
import { findCorpus } from '../corpora.js';
import { answers, expectRefused, outcomeOf, reportDocuments } from './change-document.js';
import { expectTyped, refusals } from './oracle.js';
import {
  array,
  bytes,
  changed,
  dtype,
  file,
  get,
  global,
  int,
  line,
  object,
  program,
  put,
  randomProgram,
  repeated,
  text,
  wrapper,
} from './pickle-programs.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Pickles that were written to run code, programs of any operations, and small files that ask for much. */
reportDocuments('pickle');

const memoryBytes = 64 * 2 ** 20;
const fixture = (name: string) =>
  readFileSync(
    fileURLToPath(new URL(`../../fixtures/pickle/sklearn-1.9/${name}`, import.meta.url)),
  );

/** Fails unless these bytes are refused, or are values of plain data, of which nothing can be called. */
function expectInert(what: string, file: Uint8Array): void {
  let root: PyValue;
  try {
    root = readPickle(file, memoryBytes);
  } catch (error) {
    expectTyped(what, error, [...refusals, 'truncated']);
    return;
  }
  const seen = new Set<unknown>();
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'function' || typeof value === 'symbol' || value === undefined)
      expect.fail(`${what}: holds a ${typeof value}`);
    if (value === null || typeof value !== 'object' || seen.has(value)) continue;
    seen.add(value);
    const prototype = Object.getPrototypeOf(value);
    if (value instanceof Uint8Array) continue;
    if (prototype !== Object.prototype && prototype !== Array.prototype)
      expect.fail(`${what}: holds an object of a class`);
    waiting.push(...Object.values(value));
  }
}

describe('the corpus', () => {
  const corpus = findCorpus('hostile-pickles');
  const names = corpus === null ? [] : readdirSync(corpus).filter((name) => name !== 'LICENSE');

  // Where the folder is absent, which is said.
  test.skipIf(corpus === null)('is refused or inert, file by file', async () => {
    expect(names.length).toBeGreaterThan(40);
    const effects = () => [Object.keys(globalThis), { ...process.env }, readdirSync('.')];
    const before = effects();
    const codes = new Map<string, string>();
    for (const name of names) {
      const hostile = readFileSync(join(corpus!, name));
      const error = await expectRefused(name, hostile);
      codes.set(name, error.code);
      expectInert(name, hostile);
    }
    expect(effects()).toEqual(before);
    console.log(
      `hostile pickles: ${[...codes].map(([name, code]) => `${name} ${code}`).join(', ')}`,
    );
  });
});

describe('generated', () => {
  const programs = fuzzRuns > 1 ? 50_000 * fuzzRuns : 3_000;

  test(
    'programs of any operations are refused, or inert',
    async () => {
      const random = campaign(71);
      for (let run = 0; run < programs; run++) {
        const file = randomProgram(random);
        expectInert(`program ${run}`, file);
        await outcomeOf(`program ${run}`, file);
      }
    },
    fuzzTimeout,
  );

  test.each([
    'forest.0.pkl',
    'forest.1.pkl',
    'forest.5.pkl',
    'forest.plain.joblib',
    'boosted.plain.joblib',
    'neighbors.4.pkl',
  ])(
    '%s, changed, is refused or answers',
    async (name) => {
      const whole = fixture(name);
      const random = campaign(72);
      let accepted = 0;
      for (let run = 0; run < 150 * fuzzRuns; run++) {
        const file = changed(whole, random);
        expectInert(`${name}, ${run}`, file);
        const outcome = await outcomeOf(`${name}, ${run}`, file);
        if ('error' in outcome) continue;
        accepted++;
        answers(outcome.model);
      }
      expect(accepted).toBeGreaterThan(0);
    },
    fuzzTimeout,
  );
});

/** Dtypes that numpy would not write. */
const structure = (size: number | string) =>
  program(
    ...[global('numpy.dtype'), '(', text('V8'), 'tR(K\x03', text('|'), 'N)}'],
    ...[typeof size === 'number' ? int(size) : size, 'K\x01K\0tb'],
  );
const subarray = (length: number | string) =>
  program(
    ...[global('numpy.dtype'), '(', text('V8'), 'tR(K\x03', text('|'), dtype('f8')],
    ...[typeof length === 'number' ? int(length) : length, '\x86NNK\x08K\x01K\0tb'],
  );

describe('names', () => {
  test('that mean something to JavaScript are attributes like others', async () => {
    const ordinary = answers(await importModel(file(line())));
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      'then',
      '',
      '\0',
      'hasOwnProperty',
    ]) {
      const model = await importModel(file(line({ [name === '__proto__' ? 'x' : name]: line() })));
      expect(answers(model)).toBe(ordinary);
    }
    const polluting = program(text('__proto__'), '}', text('polluted'), 'K\x01s');
    const whole = Buffer.from(file(line({ mark: program('N') })));
    const at = whole.indexOf(Buffer.from(text('mark')));
    const model = await importModel(
      Buffer.concat([whole.subarray(0, at), polluting, whole.subarray(at)]),
    );
    expect(answers(model)).toBe(ordinary);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('of functions and classes call nothing', async () => {
    for (const name of ['os.system', 'builtins.eval', 'constructor.constructor', '__proto__.x']) {
      const called = program(global(name), '(', text('touch /tmp/harm'), 'tR');
      const error = await expectRefused(name, file(called));
      expect(error.message).toContain(name);
      // Nor inside a model, where nobody asks for it.
      expect(answers(await importModel(file(line({ extra: called }))))).toBe(
        answers(await importModel(file(line()))),
      );
    }
  });

  test('of what a call made are those of the call', async () => {
    const made = program(global('cloudpickle.cloudpickle._make_function'), '(', text('code'), 'tR');
    for (const called of [program(made, ')R'), program(made, ')R)R'), program(made, ')\x81}b')]) {
      const error = await expectRefused('made', file(called), ['unsupported']);
      expect(error.message).toContain(
        '"cloudpickle.cloudpickle._make_function()" is not supported',
      );
    }
  });

  test('that are no names, and what lies elsewhere', async () => {
    const refused: Record<string, Uint8Array> = {
      'a persistent id': file('NQ'),
      'a persistent id of protocol 0': file('Pid\n'),
      'a code of the extension registry': file('\x82\x01'),
      'a buffer out of band': file('\x97'),
      'an object with named arguments': file(global('a.b'), ')}', text('k'), 'Ns\x92'),
    };
    for (const [what, bytes] of Object.entries(refused))
      await expectRefused(what, bytes, ['unsupported']);
    await expectRefused('protocol 6', program('\x80\x06N.'), ['unsupported-version']);
    const malformed: Record<string, Uint8Array> = {
      'a name of two numbers': file('K\x01K\x01\x93'),
      'a call of a text': file(text('os.system'), ')R'),
      'no operation': file('\xff'),
      'a value that is not there': file(''),
      'a value below a mark': file('N(a'),
      'no mark': file('Nt'),
      'a memory that is not there': file('h\x07'),
      'a key twice': file('}(', text('a'), 'N', text('a'), 'Nu'),
      'a key without its value': file('}(', text('a'), 'u'),
      'a state for a number': file('K\x01}b'),
      'two states': file(global('a.b'), ')\x81}b}b'),
      'items for a tuple': file(')Na'),
      'text that is not UTF-8': file('\x8c\x02\xc3('),
      'bytes of another encoding': file(
        global('_codecs.encode'),
        '(',
        text('ü'),
        text('utf-16'),
        'tR',
      ),
      'a dtype of no kind': file(global('numpy.dtype'), '(', text('q7'), 'tR'),
      'an array with a byte less': file(array([1], dtype('f8'), bytes(new Uint8Array(7)))),
      'an array of objects with bytes': file(array([1], dtype('O8'), bytes(new Uint8Array(8)))),
      'a shape of −1': file(array([-1], dtype('f8'), bytes(new Uint8Array(0)))),
      'a structure of −8 bytes': file(wrapper([1], structure(-8))),
      'a structure of half a byte': file(wrapper([1], structure('G?\xe0\0\0\0\0\0\0'))),
      'a dtype of −1 numbers': file(subarray(-1)),
      'a dtype of half a number': file(subarray('G?\xe0\0\0\0\0\0\0')),
      'a shape of 2⁶⁰': file(array([2 ** 60], dtype('f8'), bytes(new Uint8Array(8)))),
      'a scalar that is an object': file(
        global('numpy.core.multiarray.scalar'),
        dtype('O8'),
        'N\x86R',
      ),
      'a joblib array whose part is none': file(wrapper([1], dtype('O8')), 'N.'),
    };
    for (const [what, bytes] of Object.entries(malformed))
      await expectRefused(what, bytes, ['malformed']);
    await expectRefused('a joblib array that is not there', file(wrapper([9], dtype('f8'))), [
      'truncated',
    ]);
  });
});

describe('bombs', () => {
  const name = `a.${'b'.repeat(400)}`;
  const fields = (count: number) =>
    program(
      '}(',
      ...Array.from({ length: count }, (_, i) => program(text(`f${i}`), get(1), 'K\0\x86')),
      'u',
      put(2),
      '0(',
      ...Array.from({ length: count }, (_, i) => text(`f${i}`)),
      't',
      put(3),
      '0',
    );
  const bombs: Readonly<Record<string, Uint8Array>> = {
    'values that wait': file(repeated(5_000_000, 'N')),
    'copies that wait': file('N', repeated(5_000_000, '2')),
    'marks that wait': file(repeated(5_000_000, '(')),
    'empty tuples': file(']', repeated(5_000_000, ')a')),
    'empty tuples that are dropped': file(repeated(5_000_000, ')0'), 'N'),
    'lists in a list, many at once': file(']', repeated(5_000, '(', ']'.repeat(1000), 'e')),
    'arrays of nothing': file(
      ...[
        array([0], dtype('f8'), bytes(new Uint8Array(0))),
        global('numpy.core.multiarray._reconstruct'),
      ],
      ...[put(1), ')', put(2), '0]', repeated(1_000_000, get(1), get(2), 'Ra')],
    ),
    'remembered values': file('N', repeated(5_000_000, '\x94')),
    'a value remembered far away': file('Nr\xf0\xff\xff\x7f'),
    'a list in a list in a list': file(repeated(90_000, ']'), repeated(89_999, 'a')),
    'a tuple in a tuple in a tuple': file('N', repeated(500_000, '\x85')),
    'a tuple of a tuple twice, of a tuple twice': file(')', repeated(60, '2\x86')),
    'large bytes in a list a hundred thousand times': file(
      line({
        x: program(bytes(new Uint8Array(100_000)), put(1), '0](', repeated(99_000, get(1)), 'e'),
      }),
    ),
    'names of a hundred thousand columns, all of them the same large text': file(
      line({
        feature_names_in_: array(
          [99_000],
          dtype('O8'),
          program(text('x'.repeat(100_000)), put(1), '0](', repeated(99_000, get(1)), 'e'),
        ),
      }),
    ),
    'bytes of 2⁶⁰': file('\x8e\0\0\0\0\0\0\0\x10'),
    'a frame of 2⁶⁰': file('\x95\0\0\0\0\0\0\0\x10'),
    'a text of 2³²': file('X\xff\xff\xff\xff'),
    'an array of 2⁴⁰': file(wrapper([2 ** 20, 2 ** 20], dtype('f8'))),
    'elements of no size': file(array([2 ** 29], dtype('S0'), bytes(new Uint8Array(0)))),
    'an integer of ten million digits': file('L', '9'.repeat(1e7), 'L\n'),
    'an integer of 2³¹ bytes': file('\x8b\xff\xff\xff\x7f'),
    'integers of four hundred bytes': file(']', repeated(10_000, '\x8a\xff', 'x'.repeat(255), 'a')),
    backslashes: file('V', '\\'.repeat(2_000_000), '\n'),
    'a long name, called': file(
      ...[global(name), put(1), ')', put(2), repeated(1_000_000, '0', get(1), get(2), 'R')],
    ),
    'a name of a name of a name': file(
      ...[global('builtins.getattr'), put(1), '0', text('x'.repeat(400)), put(2), '0'],
      ...[global('a.b'), put(3), repeated(500_000, '0', get(1), get(3), get(2), '\x86R', put(3))],
    ),
    'a call of a call of a call': file(...[global('a.b'), repeated(1_000_000, ')R')]),
    'a name that is too long': file(text('m'.repeat(1_000_000)), text('n'), '\x93'),
    'a text made bytes again and again': file(
      ...[global('_codecs.encode'), put(1), text('x'.repeat(1e6)), text('latin1'), '\x86', put(2)],
      repeated(100_000, '0', get(1), get(2), 'R'),
    ),
    'a list copied again and again': file(
      ...[global('builtins.list'), put(1), '](', repeated(99_000, 'N'), 'e\x85', put(2)],
      repeated(100_000, '0', get(1), get(2), 'R'),
    ),
    'an object made of many entries again and again': file(
      ...[global('copyreg._reconstructor'), put(1), '(', global('a.b'), global('builtins.dict')],
      ...['}(', ...Array.from({ length: 20_000 }, (_, i) => program(int(i), 'N')), 'ut', put(2)],
      repeated(100_000, '0', get(1), get(2), 'R'),
    ),
    'big-endian numbers turned again and again': file(
      ...[bytes(new Uint8Array(800_000)), put(1), '0', dtype('f8', '>'), put(2), '0'],
      ...[global('numpy.core.numeric._frombuffer'), put(3), get(1), get(2), int(100_000), '\x85'],
      ...[text('C'), '(', '0', '0N', '0'],
      repeated(20_000, get(3), '(', get(1), get(2), int(100_000), '\x85', text('C'), 'tR0'),
      'N',
    ),
    'structures of ten thousand fields': file(
      ...[dtype('f8'), put(1), '0', fields(10_000), global('numpy.dtype')],
      ...['(', text('V8'), 't', put(4), '0', put(5), '0'],
      repeated(
        20_000,
        get(5),
        get(4),
        'R(K\x03',
        text('|'),
        'N',
        get(3),
        get(2),
        'K\x08K\x01K\0tb0',
      ),
      'N',
    ),
    'a dtype in a dtype in a dtype': file(
      dtype('f8'),
      put(1),
      repeated(
        100_000,
        ...[
          '0',
          global('numpy.dtype'),
          '(',
          text('V8'),
          'tR(K\x03',
          text('|'),
          get(1),
          'K\x01\x86',
        ],
        ...['NNK\x08K\x01K\0tb', put(1)],
      ),
    ),
    'a joblib array in a joblib array': file(repeated(10_000, wrapper([1], dtype('O8')))),
    'descriptions of joblib arrays with many keys': file(
      ...['}(', text('shape'), 'K\0\x85', text('order'), text('C'), text('dtype'), dtype('f8')],
      ...[...Array.from({ length: 20_000 }, (_, i) => program(int(i), 'N')), 'u', put(1), '0'],
      ...[global('joblib.numpy_pickle.NumpyArrayWrapper'), put(2), '0'],
      repeated(200_000, get(2), ')\x81', get(1), 'b0'),
      'N',
    ),
    'a list that holds itself': file(line({ x: program(']', put(1), get(1), 'a') })),
    'a pipeline that holds itself': file(
      global('sklearn.pipeline.Pipeline'),
      ...[')\x81', put(1), '}(', text('_sklearn_version'), text('1.9.1'), text('steps')],
      ...['](', text('self'), get(1), '\x86eub'],
    ),
    'gzip without end': gzipSync(Buffer.alloc(300 * 2 ** 20, ')')),
    'zlib without end': deflateSync(Buffer.alloc(300 * 2 ** 20, ')')),
    'a pickle of gzip': file(bytes(gzipSync(Buffer.alloc(2 ** 20)))),
  };
  /** What is small, or ends where it holds itself, may be read. */
  const harmless = ['a list that holds itself'];

  test(
    'end in an error within a second, in a heap of 64 MB beyond four times the file',
    () => {
      const script = `
      const { readFileSync, readdirSync } = await import('node:fs');
      const { importModel } = await import(process.argv[1]);
      const results = [];
      for (const file of readdirSync(process.argv[2]).sort()) {
        const bytes = new Uint8Array(readFileSync(process.argv[2] + '/' + file));
        const before = process.cpuUsage();
        let code = 'accepted';
        try { await importModel(bytes); } catch (error) { code = error.code ?? String(error.stack); }
        const { user, system } = process.cpuUsage(before);
        results.push({ code, took: (user + system) / 1000 });
      }
      console.log(JSON.stringify({ results, peak: process.resourceUsage().maxRSS / 1024 }));
    `;
      const folder = mkdtempSync(join(tmpdir(), 'nuthatch-'));
      try {
        const names = Object.keys(bombs);
        names.forEach((name, i) => {
          writeFileSync(join(folder, String(i).padStart(2, '0')), bombs[name]!);
        });
        const largest = Math.max(...Object.values(bombs).map(({ length }) => length)) / 2 ** 20;
        const heap = Math.ceil(64 + 4 * largest);
        const dist = new URL('../../dist/formats/index.js', import.meta.url).href;
        const output = execFileSync(
          process.execPath,
          [`--max-old-space-size=${heap}`, '--input-type=module', '-e', script, dist, folder],
          { encoding: 'utf8' },
        );
        const { results, peak } = JSON.parse(output) as {
          results: { code: string; took: number }[];
          peak: number;
        };
        const shown = results.map(
          ({ code, took }, i) => `${names[i]}: ${code}, ${Math.round(took)} ms`,
        );
        console.log(`bombs, peak ${Math.round(peak)} MB:\n${shown.join('\n')}`);
        expect(results).toHaveLength(names.length);
        results.forEach(({ code, took }, i) => {
          const expected = harmless.includes(names[i]!)
            ? ['accepted']
            : ['limit-exceeded', 'malformed', 'truncated', 'unsupported', 'invalid-model'];
          expect(expected, names[i]).toContain(code);
          // Of all threads, those that collect garbage too.
          expect(took, names[i]).toBeLessThan(2_000);
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    fuzzTimeout,
  );

  test('an object is no bomb: the same model with more in it is read', async () => {
    const model = file(line({ x: object('a.B', { y: program('](', repeated(1000, ')'), 'e') }) }));
    expect(answers(await importModel(model))).toBe(answers(await importModel(file(line()))));
  });
});
