import { expect, test } from 'vitest';
import { makeLargeForest } from '../../bench/large-forest.js';
import { crc32 } from '../../formats/crc32.js';
import { writeNut } from '../../formats/nut/index.js';
import { load, NuthatchError } from '../../src/index.js';
import { crc32 as plainCrc } from '../hostile/crc.js';
import { campaign } from '../hostile/random.js';

test('checksums are those of a byte at a time, at every length and offset, in one piece and in two', () => {
  const random = campaign(1);
  const bytes = Uint8Array.from({ length: 20_000 }, () => random.below(256));
  // Where the first block is taken, and the next ones.
  const lengths = [0, 1200, 5296, 9392, 13_488].flatMap((n) => [n - 1, n, n + 1, n + 2, n + 5]);
  for (const length of lengths.slice(1)) {
    for (const offset of [0, 1, 2, 3]) {
      const part = bytes.subarray(offset, offset + length);
      expect(crc32(part, 0, length)).toBe(plainCrc(part));
      const half = random.below(length + 1);
      expect(crc32(part, half, length, crc32(part, 0, half))).toBe(plainCrc(part));
    }
  }
});

test('the damaged tensor is named wherever the file lies in its buffer, however small those before it', () => {
  const shape = { trees: 1, splits: 3, features: 2, classes: 2, seed: 1 };
  const file = writeNut(makeLargeForest(shape));
  for (const offset of [0, 1, 2, 3, 4]) {
    const bytes = new Uint8Array(file.length + offset).subarray(offset);
    bytes.set(file);
    // Of the labels, after which come the checksums.
    const at = bytes.length - 18;
    bytes[at]! ^= 1;
    expect(() => load(bytes)).toThrow(NuthatchError);
    expect(() => load(bytes)).toThrow(/^tensor "root\.head\.labels/);
  }
});
