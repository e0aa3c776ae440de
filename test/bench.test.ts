import { describe, expect, test } from 'vitest';
import { checkAnswers } from '../bench/answers.js';
import { compare, loading } from '../bench/comparison.js';
import {
  judgeKernel,
  judgeRatio,
  type RatioGoal,
  ratioGoals,
  threadedRows,
} from '../bench/goals.js';
import { formatJson, type Measurement, quantile } from '../bench/measurement.js';
import { m2cgen } from '../bench/peers/m2cgen.js';
import { bestKernel, nuthatch, portableKernel, threadsName } from '../bench/peers/nuthatch.js';
import type { Peer, Subject } from '../bench/subject.js';
import { readWorkload } from '../bench/workload.js';

/** The benchmark's judgement, not its times: those are `npm run bench`'s to print. */
const pace = { rounds: 5, sampleMillis: 0.01, callMillis: 1000 };
const workload = readWorkload('W1', false);

/** A peer that changes what ours says, and takes a millisecond for each call. */
function peer(name: string, change: (subject: Subject) => Partial<Subject>): Peer {
  return {
    name,
    async open(from) {
      const subject = await nuthatch[0]!.open(from);
      if ('absent' in subject) return subject;
      const time = async (_rows: number, calls: number) => calls * 1000;
      return { ...subject, time, name, version: '1', ...change(subject) };
    },
  };
}

const wrongLabel = peer('wrong label', (subject) => ({
  async answer() {
    const { labels, scores } = await subject.answer();
    return { labels: labels!.map((label, i) => (i === 7 ? (label + 1) % 3 : label)), scores };
  },
}));

describe('a comparison', () => {
  test('refuses to time a subject with a wrong answer', async () => {
    let timed = false;
    const watched = peer('watched', () => ({
      answer: async () => ({ labels: null, scores: workload.expected.scores }),
      async time() {
        timed = true;
        return 1;
      },
    }));
    const { measurements } = await compare(workload, [wrongLabel, watched], pace);
    expect(timed).toBe(false);
    expect(measurements).toHaveLength(8);
    for (const { samples, ok } of measurements)
      expect({ samples, ok }).toEqual({ samples: [], ok: false });
    expect(measurements[0]!.note).toMatch(/^row 7: class \d, expected \d$/);
  });

  test('refuses a subject that fails to answer', async () => {
    const failing = peer('failing', () => ({
      async answer() {
        throw new Error('no such tensor');
      },
    }));
    const { measurements } = await compare(workload, [failing], pace, loading);
    expect(measurements).toMatchObject([
      { mode: 'load', ok: false, note: 'no answers: no such tensor' },
    ]);
  });

  test('times every subject in every round, each first in its turn, and names those who are absent', async () => {
    const turns: string[] = [];
    const noted = (name: string) =>
      peer(name, () => ({
        async time(rows, calls) {
          if (rows === 1) turns.push(name);
          return calls * 1000;
        },
      }));
    const missing: Peer = { name: 'missing', open: async () => ({ absent: 'not installed' }) };
    const { measurements, absent } = await compare(
      workload,
      [noted('a'), missing, noted('b')],
      pace,
    );
    // One call each to warm up.
    expect(turns.join('')).toBe(`ab${'abba'.repeat(2)}ab`);
    expect(absent).toEqual([{ workload: 'W1', peer: 'missing', reason: 'not installed' }]);
    expect(measurements.map(({ subject, rows }) => `${subject} ${rows}`)).toEqual(
      ['a', 'b'].flatMap((name) => [1, 100, 1000, 10_000].map((rows) => `${name} ${rows}`)),
    );
    expect(measurements[1]!.samples).toEqual([10, 10, 10, 10, 10]);
  });

  test.each([
    [
      'measures rounds again in which it was not fair',
      (asked: number) => asked > 3,
      [4, 5, 6, 7, 8],
    ],
    ['takes them as they are where it never is', () => false, [31, 32, 33, 34, 35]],
  ])('%s', async (_, isFair, expected) => {
    let made = -1;
    let asked = 0;
    const counting = peer('counting', () => ({ time: async (rows) => rows * Math.max(++made, 0) }));
    const { measurements } = await compare(
      workload,
      [counting],
      { ...pace, sampleMillis: 0, isFair: async () => isFair(++asked) },
      [1],
    );
    expect(measurements[0]!.samples).toEqual(expected);
  });

  test('times no batch that is too small for a subject', async () => {
    const large = peer('large', () => ({ leastRows: 1000 }));
    const { measurements } = await compare(workload, [large], pace);
    expect(measurements.map(({ samples, note }) => [samples.length, note])).toEqual([
      ...[0, 0].map((length) => [length, '–']),
      ...[5, 5].map((length) => [length, null]),
    ]);
  });

  test('makes no call that would take too long, and says so', async () => {
    const slow = peer('slow', () => ({ time: async (rows, calls) => calls * rows * 2000 }));
    const { measurements } = await compare(workload, [slow], { ...pace, callMillis: 500 });
    expect(measurements.map(({ samples, note, ok }) => [samples.length, note, ok])).toEqual([
      ...[5, 5].map((length) => [length, null, true]),
      [0, 'about 2.0 s a call', true],
      [0, 'about 20.0 s a call', true],
    ]);
  });
});

test.each(['W1', 'W2', 'W5-half', 'linear', 'pipeline'])(
  'the committed %s gets Python’s answers from ours and from m2cgen’s code',
  async (name) => {
    const committed = readWorkload(name, false);
    for (const { open } of [...nuthatch, m2cgen]) {
      const subject = await open(committed);
      if ('absent' in subject) {
        expect(Object.values(committed.absent)).toContain(subject.absent);
        continue;
      }
      expect(
        checkAnswers(committed.expected, await subject.answer(), subject.tolerance),
      ).toBeNull();
    }
  },
);

describe('answers', () => {
  const expected = { labels: Int32Array.of(0, 1), scores: Float64Array.of(0.5, 0.5, 0.2, 0.8) };
  test('are the same to the bit, or close', () => {
    const near = { ...expected, scores: expected.scores.map((score) => score + 1e-12) };
    expect(checkAnswers(expected, expected, 0)).toBeNull();
    expect(checkAnswers(expected, near, 1e-9)).toBeNull();
    expect(checkAnswers(expected, near, 0)).toBe('score 0: 0.500000000001, expected 0.5');
  });
  test('of another class pass where the classes are equal, and there is a tolerance', () => {
    const tied = { labels: Int32Array.of(1, 1), scores: null };
    expect(checkAnswers(expected, tied, 1e-9)).toBeNull();
    expect(checkAnswers(expected, tied, 0)).toBe('row 0: class 1, expected 0');
    const other = { labels: Int32Array.of(0, 0), scores: null };
    expect(checkAnswers(expected, other, 1e-9)).toBe('row 1: class 0, expected 1');
  });
  test('that are NaN, missing or too few are wrong', () => {
    const nan = { ...expected, scores: Float64Array.of(Number.NaN, 0.5, 0.2, 0.8) };
    expect(checkAnswers(expected, nan, 1e-9)).toMatch('NaN');
    expect(checkAnswers(expected, { labels: null, scores: null }, 1e-9)).toBe('no labels of 2');
    const values = { labels: null, scores: Float64Array.of(1) };
    expect(checkAnswers(values, { labels: null, scores: null }, 1e-9)).toBe('no values');
    const unknown = { labels: Int32Array.of(0, 7), scores: null };
    expect(checkAnswers(expected, unknown, 1e-9)).toBe('row 1: class 7, expected 1');
  });
});

const measurement = (subject: string, samples: number[], over: Partial<Measurement> = {}) =>
  ({
    ...{ workload: 'W1', mode: 'one', rows: 1, subject, samples, ok: true, note: null },
    ...over,
  }) as Measurement;

describe('--json', () => {
  test('writes one object a measurement', () => {
    const text = formatJson([
      measurement('a', [2, 6, 4, 3, 5]),
      measurement('b', [], { ok: false, note: 'wrong', mode: 'load', rows: null }),
    ]);
    expect(JSON.parse(text)).toEqual([
      {
        ...{ workload: 'W1', mode: 'one', subject: 'a', medianUsPerRow: 4, spread: 25 },
        ...{ ok: true, rows: 1 },
      },
      {
        ...{ workload: 'W1', mode: 'load', subject: 'b', medianUsPerRow: null, spread: null },
        ...{ ok: false, rows: null },
      },
    ]);
    expect(text.trimEnd().split('\n')).toHaveLength(4);
  });
});

describe('goals', () => {
  const goal: RatioGoal = {
    ...{ about: 'x', mode: 'one', over: ['p', 'q'], workloads: ['W1', 'W2'], of: 'each' },
    ...{ atLeast: 2, kernel: 'portable' },
  } as RatioGoal;
  const ours = [1, 1, 1, 1, 1];
  const both = (w2: number[]) => [
    measurement(portableKernel, ours),
    measurement('p', [4, 4, 4, 4, 4]),
    measurement('q', [3, 3, 3, 3, 3]),
    measurement(portableKernel, ours, { workload: 'W2' }),
    measurement('p', w2, { workload: 'W2' }),
  ];

  test('are met where the lower quartile of the rounds meets them', () => {
    expect(judgeRatio(goal, both([2, 3, 2, 3, 3])).verdict).toBe('pass');
    expect(judgeRatio(goal, both([1.9, 3, 1.9, 3, 3])).verdict).toBe('falls short');
  });
  test('take the fastest of several others, and the lowest or the mean of the workloads', () => {
    const measurements = both([12, 12, 12, 12, 12]);
    expect(judgeKernel(goal, portableKernel, measurements)).toEqual({
      median: 3,
      lower: 3,
      at: 'W1',
    });
    const mean = judgeKernel({ ...goal, of: 'mean' }, portableKernel, measurements);
    expect(mean).toMatchObject({ median: expect.closeTo(6) });
  });
  test('say what was not measured, and never pass without figures', () => {
    const { verdict, portable } = judgeRatio(goal, both([]));
    expect({ verdict, portable }).toEqual({ verdict: 'not measured on W2', portable: null });
    for (const one of ratioGoals) expect(judgeRatio(one, []).verdict).toMatch('not measured');
  });
  test('of threads compare two with one, in batches of their own', () => {
    const rows = threadedRows[1];
    const threads: RatioGoal = {
      ...goal,
      mode: 'batch',
      rows,
      over: [threadsName(1)],
      kernel: 'threads',
      workloads: ['W1'],
    };
    const measurements = [
      measurement(threadsName(1), [4, 4, 4, 4, 4], { mode: 'batch', rows }),
      measurement(threadsName(2), [1, 1, 1, 1, 1], { mode: 'batch', rows: threadedRows[0] }),
      measurement(threadsName(2), [1.9, 1.9, 1.9, 2, 3], { mode: 'batch', rows }),
    ];
    expect(judgeRatio(threads, measurements)).toMatchObject({
      ...{ portable: null, best: '2.11×, 2.00×', verdict: 'pass' },
    });
  });
  test('ratios are of rounds, not of medians', () => {
    const drifting = [
      measurement(bestKernel, [1, 2, 4, 8, 16]),
      measurement('p', [3, 6, 12, 24, 48]),
    ];
    const figure = judgeKernel({ ...goal, workloads: ['W1'] }, bestKernel, drifting);
    expect(figure).toEqual({ median: 3, lower: 3, at: 'W1' });
  });
  test('quartiles are interpolated', () => {
    expect([0, 0.25, 0.5, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([
      1, 1.75, 2.5, 4,
    ]);
  });
});
