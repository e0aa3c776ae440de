import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importModel } from '../formats/index.js';
import { readPickle } from '../formats/pickle/machine.js';
import { formatBar } from '../src/cli/print.js';

test('an import tells how far it is, step by step', async () => {
  const path = fileURLToPath(
    new URL('../fixtures/pickle/sklearn-1.9/forest.zlib.joblib', import.meta.url),
  );
  const told: [string, number][] = [];
  await importModel(readFileSync(path), { onProgress: (...step) => told.push(step) });
  expect([...new Set(told.map(([step]) => step))]).toEqual(['inflate', 'pack']);
  for (const step of ['inflate', 'pack']) {
    const shares = told.filter(([name]) => name === step).map(([, share]) => share);
    expect(shares).toEqual([...new Set(shares)].sort((a, b) => a - b));
    expect(shares[0]).toBeGreaterThanOrEqual(0);
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
  }
});

test('a large pickle is told of once a megabyte', () => {
  // Three times some more than a megabyte, made and dropped.
  const pieceBytes = 1.1e6;
  const piece = new Uint8Array(pieceBytes + 6);
  piece[0] = 'B'.charCodeAt(0);
  new DataView(piece.buffer).setUint32(1, pieceBytes, true);
  piece[pieceBytes + 5] = '0'.charCodeAt(0);
  const bytes = Buffer.concat([Uint8Array.of(0x80, 3), piece, piece, piece, Buffer.from('N.')]);
  const shares: number[] = [];
  expect(readPickle(bytes, 0, (_, share) => shares.push(share))).toBe(null);
  expect(shares).toHaveLength(3);
  expect(shares.at(-1)).toBeLessThan(1);
});

test('a bar is as long at every share', () => {
  const bars = [0, 0.004, 0.5, 0.999, 1].map(formatBar);
  expect(new Set(bars.map((bar) => bar.length)).size).toBe(1);
  expect(bars[2]).toMatch(/^█{12}░{12} {2}50 %$/);
  expect(bars[3]).toMatch(/ 99 %$/);
});
