import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pythonCharacters } from '../../formats/sklearn/characters.js';
import type { TokenPattern } from '../../src/ir/index.js';
import { expandCharacters } from '../../src/text/characters.js';
import { compilePattern } from '../../src/text/match-pattern.js';
import { wordsOf } from '../hostile/reference-values.js';

/** Any steps that a file may hold, also those that no regular expression comes to: endless, leading back, of groups that end before they begin. */
const members = [0x61, 0x62, 0x62, 0x63, 0x5fe, 0x1f600, 0, 0x10ffff].concat(
  [0, 1, 2, 3, 4, 5].flatMap((name) => [0x110000 + name, 0]),
);
const count = members.length / 2;
const anySteps = fc.integer({ min: 1, max: 9 }).chain((length) => {
  const step = (k: number) => {
    const among = (type: number, least: number, most: number) =>
      fc.tuple(
        fc.constant(type),
        fc.integer({ min: least, max: most }),
        fc.integer({ min: least, max: most }),
      );
    return fc.oneof(
      { weight: 3, arbitrary: among(0, 0, count) },
      among(1, 0, count),
      among(2, 0, 5),
      { weight: 3, arbitrary: among(3, -k, length - k) },
      among(4, 0, 1),
    );
  };
  return fc.tuple(...Array.from({ length }, (_, k) => step(k)));
});
const chars = fc.constantFrom(
  'a',
  'b',
  'c',
  ' ',
  '1',
  '_',
  '٣',
  'é',
  '\u0301',
  '😀',
  '\n',
  '\u0378',
);

const characters = pythonCharacters();
const kinds = expandCharacters(characters);

test('finds what trying each way after the other finds, whatever the steps', () => {
  let found = 0;
  fc.assert(
    fc.property(anySteps, fc.array(chars, { maxLength: 12 }), (steps, document) => {
      const pattern: TokenPattern = {
        steps: Int32Array.from(steps.flat()),
        members: Uint32Array.from(members),
      };
      const text = document.join('');
      const units = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
      const words: string[] = [];
      compilePattern(pattern, kinds)(units, units.length, (from, to) => {
        words.push(text.slice(from, to));
      });
      found += words.length;
      expect(words).toEqual(wordsOf({ ...pattern }, { ...characters }, document));
    }),
    { numRuns: 1000, seed: 1 },
  );
  expect(found).toBeGreaterThan(300);
});
