import { quantile } from '../../bench/measurement.js';
import type { Measured } from './measure.js';
import { bare, flask, mlflow, mlserver, plain } from './subject.js';

/** What is to be reached, and whether it is. */
export interface Judgement {
  readonly about: string;
  readonly goal: string;
  readonly found: string;
  readonly passed: boolean;
}

interface Goal {
  readonly about: string;
  readonly limit: number;
  readonly format: (value: number) => string;
  /** Whether less is better. */
  readonly atMost?: true;
  /** null where what it needs was not measured. */
  find(of: (name: string) => Measured | undefined): number | null;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The median of the ratios in each round: what else a machine does in a round falls on both alike. */
function throughput(of: (name: string) => Measured | undefined, other: string): number | null {
  const [ours, theirs] = [of(plain), of(other)];
  if (ours === undefined || theirs === undefined) return null;
  return median(ours.full.map(({ perSecond }, i) => perSecond / theirs.full[i]!.perSecond));
}

const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)}×`;

const goals: readonly Goal[] = [
  {
    about: 'requests a second, of those of a bare Fastify route',
    limit: 0.8,
    format: times,
    find: (of) => throughput(of, bare),
  },
  ...[flask, mlserver, mlflow].map((name, i) => ({
    about: `requests a second, of those of ${name}`,
    limit: [100, 20, 20][i]!,
    format: times,
    find: (of: (name: string) => Measured | undefined) => throughput(of, name),
  })),
  {
    about: 'p99 at half load, in times of its p50',
    limit: 5,
    format: times,
    atMost: true,
    find(of) {
      const half = of(plain)?.half ?? [];
      return half.length === 0 ? null : median(half.map(({ p50, p99 }) => p99 / p50));
    },
  },
  {
    about: `start to the first answer, of that of ${flask}`,
    limit: 0.25,
    format: times,
    atMost: true,
    find(of) {
      const [ours, theirs] = [of(plain), of(flask)];
      if (ours === undefined || theirs === undefined) return null;
      return median(ours.readyMillis) / median(theirs.readyMillis);
    },
  },
  {
    about: 'requests that failed',
    limit: 0,
    format: String,
    atMost: true,
    find(of) {
      const { full = [], half = [] } = of(plain) ?? {};
      return [...full, ...half].reduce((sum, { failed }) => sum + failed, 0);
    },
  },
  {
    about: 'resident memory after the load',
    limit: 120,
    format: (value) => `${value.toFixed(0)} MB`,
    atMost: true,
    find: (of) => (of(plain)?.residentBytes ?? 0) / 1e6,
  },
];

export function judge(measured: readonly Measured[]): Judgement[] {
  const of = (name: string) => measured.find(({ subject }) => subject.name === name);
  return goals.flatMap(({ about, limit, format, atMost, find }) => {
    const found = find(of);
    if (found === null) return [];
    const passed = atMost ? found <= limit : found >= limit;
    const goal = `${atMost ? '≤' : '≥'} ${format(limit)}`;
    return [{ about, goal, found: format(found), passed }];
  });
}
