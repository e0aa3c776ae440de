import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createModel } from '../../src/index.js';
import { answers, outcomeOf, reportDocuments } from './change-document.js';
import { probeRows } from './models.js';
import { compareWithReference } from './oracle.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Files of XGBoost, LightGBM and CatBoost cut off, with any byte and any number changed. */
reportDocuments('boosting');

const folder = fileURLToPath(new URL('../../fixtures/boosting/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(path).startsWith('model.'))
  .sort();
const bytesOf = (path: string): Uint8Array => readFileSync(join(folder, path));

/** Refused with a typed error, or a model that answers as its description says. */
async function judge(what: string, bytes: Uint8Array, unharmed?: string): Promise<void> {
  const outcome = await outcomeOf(what, bytes);
  if ('error' in outcome) return;
  const { model } = outcome;
  const plain = model as unknown as Record<string, unknown>;
  compareWithReference(what, createModel(model), plain, probeRows(model, 3, 3));
  if (unharmed !== undefined && answers(model) !== unharmed)
    expect.fail(`${what}: accepted with other answers`);
}

async function answersOf(bytes: Uint8Array): Promise<string> {
  const outcome = await outcomeOf('unharmed', bytes);
  return 'model' in outcome ? answers(outcome.model) : expect.fail('an unharmed file is refused');
}

describe('cut off anywhere', () => {
  test.each(files)(
    '%s',
    async (path) => {
      const bytes = bytesOf(path);
      const unharmed = await answersOf(bytes);
      for (const length of campaign(files.indexOf(path)).sample(bytes.length, 30 * fuzzRuns))
        await judge(`${length} bytes`, bytes.slice(0, length), unharmed);
    },
    fuzzTimeout,
  );
});

describe('any byte changed', () => {
  test.each(files)(
    '%s',
    async (path) => {
      const bytes = bytesOf(path);
      const random = campaign(files.indexOf(path) + 100);
      for (let run = 0; run < 40 * fuzzRuns; run++) {
        const changed = Uint8Array.from(bytes);
        const at = random.below(bytes.length);
        changed[at] = random.pick([
          ...Buffer.from('"{}[]:,-.eE= 0189Zl\u0000\n'),
          ...[0xff, 0x80, changed[at]! ^ 1, random.below(256)],
        ]);
        await judge(`byte ${at} is ${changed[at]}`, changed);
      }
    },
    fuzzTimeout,
  );
});

describe('any offset, length or index of a CatBoost file changed', () => {
  test.each(files.filter((path) => path.endsWith('.cbm')))(
    '%s',
    async (path) => {
      const bytes = bytesOf(path);
      const random = campaign(files.indexOf(path) + 300);
      for (let run = 0; run < 60 * fuzzRuns; run++) {
        const changed = Uint8Array.from(bytes);
        const view = new DataView(changed.buffer);
        // Texts are most of a file: trees and features lie around them.
        const place = random.below(2) ? random.below(100) : bytes.length - 4 - random.below(2500);
        const at = place - (place % 4);
        const value = view.getInt32(at, true);
        const others = [0, 1, -1, 2, 65_536, 2 ** 31 - 1, -(2 ** 31), bytes.length];
        const by = random.pick([...others, value + 1, value - 1, value + 4, value - 4, -value]);
        view.setInt32(at, by, true);
        await judge(`the word at ${at} is ${by}`, changed);
      }
    },
    fuzzTimeout,
  );
});

const numbers = [
  ...['-1', '0', '1', '2', '7', '12', '2147483648', '4294967296', '9007199254740993', '1e999'],
  ...[
    '-0.5',
    '1e-36',
    'nan',
    'NaN',
    'inf',
    '-inf',
    '',
    '""',
    'null',
    '[]',
    '{}',
    '0x10',
    '__proto__',
  ],
];

describe('any number or name of a text changed', () => {
  test.each(files.filter((path) => /\.(txt|json)$/.test(path)))(
    '%s',
    async (path) => {
      const text = Buffer.from(bytesOf(path)).toString('latin1');
      const random = campaign(files.indexOf(path) + 200);
      const words = [...text.matchAll(/[-+\w.]+/g)].filter(
        ({ index }) => !text.includes('end of trees') || index < text.indexOf('end of trees'),
      );
      for (const i of random.sample(words.length, 60 * fuzzRuns)) {
        const { 0: word, index } = words[i]!;
        const by = random.pick(numbers);
        const changed = text.slice(0, index) + by + text.slice(index + word.length);
        await judge(`${word} at ${index} is ${by}`, Buffer.from(changed, 'latin1'));
      }
    },
    fuzzTimeout,
  );
});
