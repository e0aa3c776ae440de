import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import type { NuthatchError } from '../src/index.js';

/** Every file of fixtures/skops: what skops wrote, beside the export of the same estimator. See make.py there. */
const folder = fileURLToPath(new URL('../fixtures/skops/', import.meta.url));
const files = readdirSync(folder);
const archives = files.filter((name) => name.endsWith('.skops'));
const exportOf = (name: string) => `${name.split('.')[0]}.json`;
const isRefused = (name: string) => !files.includes(exportOf(name));

/** The model as .nut, but for where it comes from. */
async function converted(name: string): Promise<Buffer> {
  const model = await importModel(readFileSync(join(folder, name)), { keepCovers: true });
  const provenance = { ...model.provenance, format: '', digest: null, time: null };
  return Buffer.from(writeNut({ ...model, provenance }));
}

test.each(archives.filter((name) => !isRefused(name)))(
  '%s is the export, to the byte',
  async (name) => {
    expect((await converted(name)).equals(await converted(exportOf(name)))).toBe(true);
  },
);

test('says which scikit-learn wrote it, and as what', async () => {
  const { provenance } = await importModel(readFileSync(join(folder, 'forest.stored.skops')));
  expect(provenance).toMatchObject({
    library: 'scikit-learn',
    libraryVersion: '1.9.1',
    className: 'RandomForestClassifier',
    format: 'skops',
  });
});

describe('what is refused', () => {
  const refused = JSON.parse(readFileSync(join(folder, 'refused.json'), 'utf8')) as Record<
    string,
    [code: string, place: string, words: string]
  >;

  test('is said of each such file', () => {
    expect(archives.filter(isRefused).sort()).toEqual(Object.keys(refused).sort());
  });

  test.each(Object.entries(refused))('%s', async (name, [code, place, words]) => {
    const bytes = readFileSync(join(folder, name));
    const error = (await importModel(bytes).catch((caught) => caught)) as NuthatchError;
    expect([error.code, error.path]).toEqual([code, place]);
    expect(error.message).toContain(words);
  });
});
