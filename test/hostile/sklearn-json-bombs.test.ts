import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModel } from '../../src/node.js';
import {
  describePath,
  expectRefused,
  outcomeOf,
  reportDocuments,
  show,
  stringify,
} from './change-document.js';
import { base64, documents, type Json, ndarray, toBytes } from './documents.js';
import { at, places, replaced } from './plain-data.js';

/** Small exports that ask for much time or memory. */
reportDocuments('sklearn-json-bombs');

describe('bombs', () => {
  const whole = documents['linear regression']!();
  const withAttribute = (value: Json) =>
    toBytes(stringify(replaced(whole, ['model', 'state', 'items', 0], ['fit_intercept', value])));

  test('references to references: a billion laughs', async () => {
    const levels: Json[] = [{ $: 'list', id: 0, items: ['ha'] }];
    for (let id = 1; id < 60; id++)
      levels.push({ $: 'list', id, items: Array(10).fill({ $: 'ref', id: id - 1 }) });
    await expectRefused('laughs', withAttribute(levels), ['limit-exceeded']);
  });

  test('a hundred thousand references to one large tree', async () => {
    const forest = documents['forest classifier']!();
    const path = [...places(forest)].find((place) =>
      describePath(forest, place).endsWith('estimators_.1'),
    )!;
    const [tree] = at(forest, path) as [object];
    const refs = Array(100_000).fill({ $: 'ref', id: 50 }) as Json[];
    const changed = replaced(forest, path, [{ ...tree, id: 50 }, ...refs]);
    await expectRefused('trees', changed, ['limit-exceeded']);
    // A few are harmless.
    const few = await outcomeOf(
      'few',
      toBytes(replaced(forest, path, [{ ...tree, id: 50 }, ...refs.slice(0, 20)])),
    );
    expect('model' in few).toBe(true);
  });

  test('golden rows that all refer to the same large array', async () => {
    const rows = { ...(ndarray(new Float64Array(30_000), [10_000, 3]) as object), id: 9 };
    const set = (value: Json) => ({
      name: 'made',
      input: { type: 'matrix', value },
      outputs: {},
      numerics: {},
    });
    const golden = [set(rows), ...Array(10_000).fill(set({ $: 'ref', id: 9 }))] as Json[];
    await expectRefused('golden', { ...whole, golden }, ['limit-exceeded']);
  });

  test('elements of no size', async () => {
    for (const dtype of [
      '<U0',
      '|S0',
      '|V0',
      { names: [], formats: [], offsets: [], itemsize: 0 },
      { base: '<f8', shape: [0] },
    ])
      await expectRefused(
        show(dtype),
        withAttribute({ $: 'ndarray', dtype, shape: [2 ** 29], order: 'C', data: '' }),
        ['limit-exceeded'],
      );
  });

  test('a text of a million NULs is trimmed in no time', async () => {
    const points = new Uint32Array(1_000_000);
    points[points.length - 1] = 120;
    const logistic = documents['logistic regression of an older version']!();
    const path = [...places(logistic)].find((place) =>
      describePath(logistic, place).endsWith('classes_.1'),
    )!;
    const classes = {
      $: 'ndarray',
      dtype: '<U500000',
      shape: [2],
      order: 'C',
      data: base64(points),
    };
    const started = performance.now();
    await outcomeOf('NUL', toBytes(replaced(logistic, path, classes)));
    expect(performance.now() - started).toBeLessThan(6_000);
  });

  test('gzip that inflates beyond the limits', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nuthatch-'));
    try {
      const path = join(folder, 'bomb.json.gz');
      writeFileSync(path, gzipSync(Buffer.alloc(300 * 2 ** 20, ' ')));
      const started = performance.now();
      await expect(readModel(path)).rejects.toMatchObject({ code: 'limit-exceeded' });
      expect(performance.now() - started).toBeLessThan(5_000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe('memory', () => {
    const script = `
      const { readFileSync } = await import('node:fs');
      const { importModel } = await import(process.argv[1]);
      const bytes = new Uint8Array(readFileSync(process.argv[2]));
      let code = 'accepted';
      try { await importModel(bytes); } catch (error) { code = error.code ?? String(error); }
      console.log(JSON.stringify({ code }));
    `;
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'nuthatch-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test.each([
      ['empty lists', '[],'.repeat(5_000_000)],
      ['empty objects', '{},'.repeat(5_000_000)],
      ['numbers', '1,'.repeat(40_000_000)],
    ])('%s without end are refused before they are parsed, in a heap of 100 MB', (_, items) => {
      const path = join(folder, 'greedy.json');
      writeFileSync(path, JSON.stringify(whole).replace('true', `[${items}1]`));
      const dist = new URL('../../dist/formats/index.js', import.meta.url).href;
      const output = execFileSync(
        process.execPath,
        ['--max-old-space-size=100', '--input-type=module', '-e', script, dist, path],
        { encoding: 'utf8' },
      );
      expect(JSON.parse(output)).toEqual({ code: 'limit-exceeded' });
    });
  });
});
