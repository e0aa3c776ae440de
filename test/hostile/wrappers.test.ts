import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createModel } from '../../src/index.js';
import { outcomeOf, reportDocuments } from './change-document.js';
import { probeRows } from './models.js';
import { compareWithReference } from './oracle.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Pickles that hold estimators of XGBoost, LightGBM and CatBoost, whose own bytes are most of them: cut off, and with any byte changed. */
reportDocuments('wrappers');

const folder = fileURLToPath(new URL('../../fixtures/wrappers/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(path) === 'model.pkl.gz')
  .sort();
const bytesOf = (path: string): Uint8Array => gunzipSync(readFileSync(join(folder, path)));

/** Refused with a typed error, or a model that answers as its description says. */
async function judge(what: string, bytes: Uint8Array): Promise<void> {
  const outcome = await outcomeOf(what, bytes);
  if ('error' in outcome) return;
  const { model } = outcome;
  const plain = model as unknown as Record<string, unknown>;
  compareWithReference(what, createModel(model), plain, probeRows(model, 3, 3));
}

test('there are such files', () => {
  expect(files.length).toBeGreaterThan(5);
});

describe.each(files)('%s', (path) => {
  const bytes = bytesOf(path);
  const random = campaign(files.indexOf(path) + 300);

  test(
    'cut off anywhere',
    async () => {
      expect(await outcomeOf('unharmed', bytes)).toHaveProperty('model');
      for (const length of random.sample(bytes.length, 4 * fuzzRuns))
        expect(await outcomeOf(`${length} bytes`, bytes.slice(0, length))).toHaveProperty('error');
    },
    fuzzTimeout,
  );

  test(
    'any byte changed',
    async () => {
      for (let run = 0; run < 5 * fuzzRuns; run++) {
        const changed = Uint8Array.from(bytes);
        const at = random.below(bytes.length);
        changed[at] = random.pick([0, 0xff, 0x80, changed[at]! ^ 1, random.below(256)]);
        await judge(`byte ${at} is ${changed[at]}`, changed);
      }
    },
    fuzzTimeout,
  );
});
