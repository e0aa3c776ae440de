import type { Judgement } from './goals.js';
import { median } from './goals.js';
import type { Measured } from './measure.js';
import type { Load } from './wrk.js';

/** Tables of what was measured: a first line of heads. */
export function tableOf(measured: readonly Measured[]): string[][] {
  const base = measured[0]!;
  const head = [
    '',
    'requests/s',
    `of ${base.subject.name}`,
    'CPU µs a request',
    'p50 ms',
    'p99 ms',
    'half load: requests/s',
    'p50 ms',
    'p99 ms',
    'ready ms',
    'memory MB',
  ];
  return [head, ...measured.map((one) => lineOf(one, base))];
}

function lineOf(
  { subject, full, cpuMicros, half, readyMillis, residentBytes }: Measured,
  base: Measured,
) {
  const of = (loads: readonly Load[], key: 'perSecond' | 'p50' | 'p99', digits: number) =>
    loads.length === 0 ? '–' : median(loads.map((load) => load[key])).toFixed(digits);
  const share = median(full.map(({ perSecond }, i) => perSecond / base.full[i]!.perSecond));
  return [
    subject.name,
    of(full, 'perSecond', 0),
    share < 0.1 ? share.toFixed(4) : share.toFixed(2),
    median(cpuMicros).toFixed(0),
    of(full, 'p50', 2),
    of(full, 'p99', 2),
    of(half, 'perSecond', 0),
    of(half, 'p50', 2),
    of(half, 'p99', 2),
    median(readyMillis).toFixed(0),
    (residentBytes / 1e6).toFixed(0),
  ];
}

export const judgementTable = (judgements: readonly Judgement[]): string[][] => [
  ['what to reach', 'goal', 'found', ''],
  ...judgements.map(({ about, goal, found, passed }) => [
    about,
    goal,
    found,
    passed ? 'pass' : 'falls short',
  ]),
];
