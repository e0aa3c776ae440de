import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNut, readNutContent } from '../formats/nut/index.js';
import { passed, verify } from '../src/verify.js';

/** Files of every released version of the format must read, and answer as they did. */
const folder = new URL('../fixtures/releases/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.nut'),
);

describe('frozen files', () => {
  test('are there', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  test.each(files)('%s reads, and its golden rows hold', (file) => {
    const bytes = readFileSync(new URL(file, folder));
    expect(readNutContent(bytes).version).toBe(file.split('/')[0]);
    const comparisons = verify(readNut(bytes));
    expect(comparisons.length).toBeGreaterThan(0);
    expect(passed(comparisons)).toBe(true);
  });
});
