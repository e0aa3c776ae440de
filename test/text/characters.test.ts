import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pythonCharacters } from '../../formats/sklearn/characters.js';
import { sorts } from '../../src/ir/index.js';
import { expandCharacters, isDigit } from '../../src/text/characters.js';
import { keepAscii, lowerCase, stripAccents } from '../../src/text/preprocess.js';

/** Every code point, one by one, against what Python makes of it. */
const { block, digests } = JSON.parse(
  readFileSync(new URL('../../fixtures/text/characters.json', import.meta.url), 'utf8'),
) as { block: number; digests: Record<string, string[]> };

const kinds = expandCharacters(pythonCharacters());
const lower = (text: string): string => lowerCase(kinds, text);
const strip = (text: string): string => stripAccents(kinds, text);
const answers: Record<string, (char: string) => string> = {
  sorts(char) {
    const point = char.codePointAt(0)!;
    const sort = kinds[point];
    return [sort === sorts.space, isDigit(kinds, point), sort === sorts.word]
      .map((yes) => (yes ? 'x' : '-'))
      .join('');
  },
  lower,
  'sigma before': (char) => lower(`A${char}\u03a3`),
  'sigma after': (char) => lower(`A\u03a3${char}B`),
  'sigma last': (char) => lower(`A\u03a3${char}`),
  unicode: strip,
  ascii: (char) => keepAscii(kinds, char),
  ordered: (char) => strip(`e\u0301${char}\u0327`),
};

const digestOf = (answer: (char: string) => string, first: number): string => {
  const points: number[] = [];
  for (let point = first; point < first + block; point++) {
    for (const char of answer(String.fromCodePoint(point))) points.push(char.codePointAt(0)!);
    points.push(0);
  }
  return createHash('sha256').update(Uint32Array.from(points)).digest('hex').slice(0, 16);
};

describe('what Python makes of every character', () => {
  test('is all compared', () => {
    expect(Object.keys(answers)).toEqual(Object.keys(digests));
  });

  test.each(Object.entries(answers))('%s', (name, answer) => {
    const differing = digests[name]!.flatMap((expected, k) =>
      digestOf(answer, k * block) === expected ? [] : [(k * block).toString(16)],
    );
    expect(differing).toEqual([]);
    expect(digests[name]!.length * block).toBe(0x110000);
  });
});
