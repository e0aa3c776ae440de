import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pythonCharacters } from '../../formats/sklearn/characters.js';
import { englishStopWords } from '../../formats/sklearn/english-stop-words.js';
import { packTerms } from '../../formats/sklearn/terms.js';
import { parseTokenPattern } from '../../formats/sklearn/token-pattern.js';
import type { Vectorize } from '../../src/ir/index.js';
import { createAnalyzer } from '../../src/text/analyze.js';

/** The terms of documents in many alphabets, against scikit-learn's own analyzers. */
interface Setting {
  readonly analyzer?: Vectorize['analyzer'];
  readonly lowercase?: boolean;
  readonly strip_accents?: Vectorize['accents'];
  readonly stop_words?: 'english' | string[];
  readonly ngram_range?: [number, number];
  readonly token_pattern: string;
  /** Distinct terms, and which of them each document has. */
  readonly terms: string[];
  readonly rows: number[][];
}

const { documents, settings } = JSON.parse(
  readFileSync(new URL('../../fixtures/text/analyzers.json', import.meta.url), 'utf8'),
) as { documents: string[]; settings: Setting[] };

function termsOf(setting: Setting, documents: readonly string[]): string[][] {
  const { analyzer = 'word', stop_words, ngram_range = [1, 1] } = setting;
  const words = stop_words === 'english' ? englishStopWords.split(' ') : stop_words;
  const analyze = createAnalyzer({
    kind: 'vectorize',
    features: 1,
    type: 'float64',
    analyzer,
    lowercase: setting.lowercase ?? true,
    accents: setting.strip_accents ?? null,
    characters: pythonCharacters(),
    pattern: analyzer === 'word' ? parseTokenPattern(setting.token_pattern, expect.fail) : null,
    stopWords: words ? packTerms(words) : null,
    smallest: ngram_range[0],
    largest: ngram_range[1],
    vocabulary: null,
    hash: null,
    binary: false,
  });
  return documents.map((document) => {
    const found: string[] = [];
    analyze(document, (units, from, to) => {
      found.push(String.fromCharCode(...units.subarray(from, to)));
    });
    return found.sort();
  });
}

describe('terms', () => {
  test('of many settings are compared', () => {
    expect(settings.length).toBeGreaterThan(40);
    expect(settings.flatMap(({ rows }) => rows.flat()).length).toBeGreaterThan(15_000);
  });

  test.each(settings.map((setting) => [describeSetting(setting), setting] as const))(
    '%s',
    (_, setting) => {
      const expected = setting.rows.map((row) => row.map((i) => setting.terms[i]!).sort());
      expect(termsOf(setting, documents)).toEqual(expected);
    },
  );
});

function describeSetting({ terms, rows, ...setting }: Setting): string {
  return JSON.stringify(setting);
}

test('the time of a pattern that goes back again and again grows with the text', () => {
  const setting: Setting = { token_pattern: '(?:x|xx|xxx)+(?:x|xx)+y', terms: [], rows: [] };
  const begun = performance.now();
  expect(termsOf(setting, ['x'.repeat(200_000)])).toEqual([[]]);
  expect(performance.now() - begun).toBeLessThan(5000);
});
