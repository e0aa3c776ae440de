import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLargeForest } from '../bench/large-forest.js';
import { writeNut } from '../formats/nut/index.js';
import { asClassifier, asPredictor, load } from '../src/index.js';
import type { Trees } from '../src/ir/index.js';
import { loadFile, saveFile, workerThreads } from '../src/node.js';
import { smallLinear } from './nut/small-models.js';

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nuthatch-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('a saved model loads and predicts', async () => {
    const path = join(folder, 'model.nut');
    const bytes = await saveFile(smallLinear(), path);
    expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    expect(Array.from(asPredictor(await loadFile(path)).predict([[1, 2]]) as Float64Array)).toEqual(
      [1],
    );
    expect(await readdir(folder)).toEqual(['model.nut']);
  });

  test('a large file is read to where its trees are walked, in memory that threads can share', async () => {
    const path = join(folder, 'large.nut');
    const shape = { trees: 20, splits: 5000, features: 5, classes: 3, seed: 1 };
    const bytes = writeNut(makeLargeForest(shape));
    await writeFile(path, bytes);
    const reserved: Uint8Array[] = [];
    const reserve = (length: number): Uint8Array => {
      reserved.push(workerThreads.reserve!(length)!);
      return reserved[0]!;
    };
    const model = await loadFile(path, { accelerator: { ...workerThreads, reserve } });
    const { root } = model.description;
    const { buffer } = (root as Trees).nodes;
    expect(buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(reserved.map((memory) => memory.buffer === buffer)).toEqual([true]);
    // Vitest's own comparison takes seconds for a million bytes.
    expect(Buffer.compare(new Uint8Array(buffer, 0, bytes.length), bytes)).toBe(0);
    const rows = [[0.1, 0.2, 0.3, 0.4, 0.5]];
    expect(asClassifier(model).predictProba!(rows)).toEqual(
      asClassifier(load(bytes)).predictProba!(rows),
    );
    await writeFile(path, bytes.subarray(0, -1));
    await expect(loadFile(path)).rejects.toMatchObject({ code: 'truncated' });
    const damaged = bytes.slice();
    damaged[bytes.length - 1000]! ^= 1;
    await writeFile(path, damaged);
    await expect(loadFile(path)).rejects.toMatchObject({ code: 'corrupt' });
  });

  test('a gzipped model loads, within the limits', async () => {
    const path = join(folder, 'model.nut.gz');
    await writeFile(path, gzipSync(writeNut(smallLinear())));
    expect((await loadFile(path)).task).toBe('regressor');
    await writeFile(path, gzipSync(new Uint8Array(50_000_000)));
    await expect(loadFile(path)).rejects.toMatchObject({ code: 'limit-exceeded' });
    await writeFile(path, gzipSync(writeNut(smallLinear())).subarray(0, 100));
    await expect(loadFile(path)).rejects.toMatchObject({ code: 'malformed' });
  });

  test('a file that is not there, a folder, and a file beyond the limit are typed errors', async () => {
    await expect(loadFile(join(folder, 'none.nut'))).rejects.toMatchObject({ code: 'io' });
    await expect(loadFile(folder)).rejects.toMatchObject({ code: 'io' });
    const path = join(folder, 'model.nut');
    await saveFile(smallLinear(), path);
    await expect(loadFile(path, { limits: { fileBytes: 10 } })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
  });

  test('a save that fails leaves no file behind', async () => {
    await expect(saveFile(smallLinear(), join(folder, 'no', 'folder.nut'))).rejects.toMatchObject({
      code: 'io',
    });
  });
});
