import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { importModel } from '../formats/index.js';
import { readPickle } from '../formats/pickle/machine.js';
import { Interruption } from '../src/cli/interruption.js';
import { describeDone, summarize } from '../src/cli/job-progress.js';
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

test('a job says how far it is in as much room as there is', () => {
  const first = { rows: 1_000_000, rejected: 0, bytes: 100, size: 1000 };
  const done = { rows: 1_500_000, rejected: 12, bytes: 300, size: 1000 };
  const lines = [119, 79, 39, 25].map((width) => describeDone(first, done, 10_000, width));
  expect(lines).toEqual([
    '███████░░░░░░░░░░░░░░░░░  30 % 1,500,000 rows, 49,995 rows/s, 12 rejected, 35.0 s left',
    '30 %, 1,500,000 rows, 49,995 rows/s, 12 rejected, 35.0 s left',
    '30 %, 49,995 rows/s, 35.0 s left',
    '30 %, 35.0 s left',
  ]);
  // Of a stream nothing is known but what has come.
  const stream = { ...done, size: null };
  expect(describeDone({ ...first, size: null }, stream, 10_000, 79)).toBe(
    '1,500,000 rows, 49,995 rows/s, 12 rejected',
  );
  expect(describeDone(done, done, 0, 79)).not.toMatch(/NaN|Infinity|rows\/s|left/);
});

test('a job says what it did, and what another run had done', () => {
  const done = { rows: 3_000, written: 2_990, rejected: 10, unanswered: 0, end: 'done' } as const;
  expect(summarize({ ...done, resumed: 1_000 }, 3_661_999)).toBe(
    '3,000 rows, 1,000 of them before, 10 rejected, 2,990 written, in 1 h 1 min (1 rows/s)',
  );
});

test('a job is told to end once, and only while it can hear that soon', () => {
  vi.useFakeTimers();
  try {
    const interruption = new Interruption();
    const count = () => process.listenerCount('SIGINT');
    const before = count();
    interruption.begin();
    vi.advanceTimersByTime(400);
    expect(count()).toBe(before + 1);
    // It was busy for long.
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 5_000);
    vi.advanceTimersByTime(200);
    expect(count()).toBe(before);
    now.mockRestore();
    vi.advanceTimersByTime(6_000);
    expect(count()).toBe(before + 1);
    process.emit('SIGINT', 'SIGINT');
    expect(interruption.signal.aborted).toBe(true);
    expect(interruption.exitCode).toBe(130);
    expect(count()).toBe(before);
  } finally {
    vi.useRealTimers();
  }
});
