import { expect, test } from 'vitest';
import { decodeText } from '../src/json.js';

test.each<[string, number[], string | null]>([
  ['letters of one byte', [0x61], 'a'],
  ['a mark of the order of bytes', [0xef, 0xbb, 0xbf, 0x61], 'a'],
  ['the sign that stands for what cannot be read', [0xef, 0xbf, 0xbd], '\ufffd'],
  ['a byte that begins nothing', [0x61, 0xff], null],
  ['a letter that is cut off', [0x61, 0xe2, 0x82], null],
  ['half of a pair', [0xed, 0xa0, 0x80], null],
])('%s', (_, bytes, expected) => {
  expect(decodeText(Uint8Array.from(bytes))).toBe(expected);
});
