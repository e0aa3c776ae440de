import { quantile } from '../../bench/measurement.js';
import { gainOf, type Pair } from './pairs.js';
import { alone, type Format, formats, ours, recipes, type Subject } from './subjects.js';
import type { Taken } from './timed-process.js';

/** What was measured of one subject on one format, a value for each round. */
export interface Measured {
  readonly subject: Subject;
  readonly format: Format;
  readonly taken: readonly Taken[];
  /** With ten times the rows, once; null where that was not asked for. */
  readonly tenfold: Taken | null;
  /** With one thread in turns; none of others. */
  readonly pairs: readonly Pair[];
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const secondsOf = ({ taken }: Measured): number[] => taken.map(({ seconds }) => seconds);

export const memoryOf = ({ taken, tenfold }: Measured): [once: number, tenfold: number | null] => [
  Math.max(...taken.map(({ residentBytes }) => residentBytes)),
  tenfold?.residentBytes ?? null,
];

const least: Readonly<Record<Format, number>> = { csv: 1.5, parquet: 2.5, arrow: 2.5 };
const leastOfTwo = 1.7;
const mostBytes = 300e6;
/** The system takes and gives pages as it likes. */
const mostGrowth = 1.1;

/** What is to be reached, as lines of a table. */
export function judge(measured: readonly Measured[]): string[][] {
  const lines: string[][] = [];
  const add = (about: string, goal: string, found: string, passed: boolean) =>
    lines.push([about, goal, found, passed ? 'pass' : 'falls short']);
  for (const format of formats) {
    const of = (subject: Subject) =>
      measured.find((one) => one.subject === subject && one.format === format);
    const [two, one] = [of(ours), of(alone)];
    if (two === undefined || one === undefined) continue;
    // The fastest of them: nobody is beaten by a slow way to use it.
    const others = recipes.flatMap((subject) => of(subject) ?? []);
    const fastest = others.sort((a, b) => median(secondsOf(a)) - median(secondsOf(b)))[0]!;
    const faster = median(ratios(fastest, two));
    add(
      `${format}: rows a second, of those of ${fastest.subject.name}`,
      times(least[format]),
      times(faster),
      faster >= least[format],
    );
    const [low, twice, high] = gainOf(two.pairs);
    add(
      `${format}: two threads, of one`,
      times(leastOfTwo),
      `${times(twice)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
      twice >= leastOfTwo,
    );
    const [once, tenfold] = memoryOf(two);
    const megabytes = `≤ ${mostBytes / 1e6} MB`;
    add(`${format}: resident memory`, megabytes, inMegabytes(once), once <= mostBytes);
    if (tenfold === null) continue;
    add(
      `${format}: resident memory, ten times the rows`,
      `${megabytes}, the same`,
      inMegabytes(tenfold),
      tenfold <= Math.min(mostBytes, mostGrowth * once),
    );
  }
  return lines;
}

/** Of each round: what else the machine does in it falls on both alike. */
const ratios = (slow: Measured, fast: Measured): number[] =>
  slow.taken.map(({ seconds }, round) => seconds / fast.taken[round]!.seconds);

export const times = (value: number): string => `${value.toFixed(2)}×`;
export const inMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
