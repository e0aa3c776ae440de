import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isDigit, sorts, sortsOfCharacters } from '../../src/text/characters.js';
import { keepAscii, lowerCase, stripAccents } from '../../src/text/preprocess.js';

/** Every code point, one by one, against what Python makes of it. */
const { block, digests } = JSON.parse(
  readFileSync(new URL('../../fixtures/text/characters.json', import.meta.url), 'utf8'),
) as { block: number; digests: Record<string, string[]> };

const kinds = sortsOfCharacters();
const answers: Record<string, (char: string) => string> = {
  sorts(char) {
    const point = char.codePointAt(0)!;
    const sort = kinds[point];
    return [sort === sorts.space, isDigit(point), sort === sorts.word]
      .map((yes) => (yes ? 'x' : '-'))
      .join('');
  },
  lower: lowerCase,
  'sigma before': (char) => lowerCase(`A${char}\u03a3`),
  'sigma after': (char) => lowerCase(`A\u03a3${char}B`),
  'sigma last': (char) => lowerCase(`A\u03a3${char}`),
  unicode: stripAccents,
  ascii: keepAscii,
  ordered: (char) => stripAccents(`e\u0301${char}\u0327`),
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
