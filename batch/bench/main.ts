import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { markdown, writeSection } from '../../bench/document.js';
import { projectFolder } from '../../bench/fixtures.js';
import { describeMachine } from '../../bench/machine.js';
import { free, TwoCores } from '../../bench/two-cores.js';
import { formatCount, formatTable } from '../../src/cli/print.js';
import { inMegabytes, judge, type Measured, median, memoryOf, secondsOf, times } from './goals.js';
import { describeFree, timePairs } from './pairs.js';
import { alone, type Format, formats, ours, python, recipes, subjects } from './subjects.js';
import { type Taken, timeProcess } from './timed-process.js';

const help = `npm run bench:predict -- [options]

Scores rows of 30 columns with a forest of 100 trees (W3), from file to file: CSV, Parquet and Arrow, by nuthatch in one and two threads and by
pandas with scikit-learn on two cores, in interleaved rounds; start and end of each process are in its time, and the
file is in memory before; all answers are compared. Then one thread and two in turns.
Needs Python 3.11; rows and the forest are made once, under .cache.

  --rows N           default 2,000,000
  --rounds N         default 3
  --pairs N          of one thread and two; default 15
  --only A,B         of csv, parquet and arrow
  --tenfold          ten times the rows as well, once: files of 5 and 11 GB, which are removed again
  --quick            20,000 rows, one round: whether all works, and all answers are the same
  --json FILE        writes all figures
  --document         writes the tables to docs/batch.md
`;

const folder = join(projectFolder, '.cache', 'predict');
const script = join(projectFolder, 'batch/bench/rows.py');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string' },
      rounds: { type: 'string' },
      pairs: { type: 'string' },
      only: { type: 'string' },
      tenfold: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      document: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { quick } = values;
  const rows = Number(values.rows ?? (quick ? 20_000 : 2_000_000));
  const rounds = Number(values.rounds ?? (quick ? 1 : 3));
  const pairs = Number(values.pairs ?? (quick ? 1 : 15));
  const chosen = formats.filter((format) => (values.only?.split(',') ?? formats).includes(format));
  prepare();
  const measured: Measured[] = [];
  const cores = await TwoCores.start();
  for (const format of chosen)
    measured.push(
      ...(await measure(format, { rows, rounds, pairs, tenfold: values.tenfold }, cores)),
    );
  await cores.close();
  const [table, verdicts] = [tableOf(measured, rows), judge(measured)];
  const goals = [['what to reach', 'goal', 'found', ''], ...verdicts];
  const about = `${describeMachine()}; ${formatCount(rows)} rows of 30 columns, ${rounds} rounds`;
  const whole = measured
    .filter((one) => one.pairs.length > 0)
    .map((one) => `${one.format} ${describeFree(one.pairs)}`)
    .join(', ');
  const shared = `Two threads, of one: the median of ${pairs} pairs in turns, and the quartiles. Before, between and after them ${cores.describe()}; of pairs around which they always gave ${free.toFixed(1)} or more, how many in brackets: ${whole}.`;
  process.stdout.write(`${about}\n\n${formatTable(table)}\n\n${formatTable(goals)}\n\n${shared}\n`);
  if (values.json !== undefined) {
    const figures = measured.map(({ subject: { name }, ...figures }) => ({ name, ...figures }));
    writeFileSync(values.json, `${JSON.stringify({ about, figures }, null, 1)}\n`);
  }
  if (values.document) {
    const section = [about, markdown(table), markdown(goals), shared].join('\n\n');
    writeSection(join(projectFolder, 'docs', 'batch.md'), section);
  }
  return 0;
}

/** How much is measured. */
interface Extent {
  readonly rows: number;
  readonly rounds: number;
  readonly pairs: number;
  readonly tenfold: boolean;
}

/** Each subject has its turn in each round, another one first each time. All answers are compared. */
async function measure(
  format: Format,
  { rows, rounds, pairs, tenfold }: Extent,
  cores: TwoCores,
): Promise<Measured[]> {
  const source = makeRows(format, rows, 1);
  const turns = subjects.filter((subject) => subject.formats.includes(format));
  const taken = turns.map((): Taken[] => []);
  const targets = turns.map((_, i) => join(folder, `answers-${i}.${format}`));
  const timeTurn = async (i: number): Promise<Taken> => {
    const [command, ...args] = turns[i]!.command(source, targets[i]!);
    await readThrough(source);
    return timeProcess(command, args);
  };
  const compareAll = (): void => {
    const theirs = targets[turns.indexOf(recipes[0]!)]!;
    for (const target of targets) run(script, 'compare', format, target, theirs);
  };
  for (let round = 0; round < rounds; round++) {
    say(`${format}: round ${round + 1} of ${rounds}`);
    for (let turn = 0; turn < turns.length; turn++) {
      const i = (turn + round) % turns.length;
      taken[i]!.push(await timeTurn(i));
    }
    compareAll();
  }
  say(`${format}: one thread and two, in turns`);
  const [one, two] = [alone, ours].map((subject) => () => timeTurn(turns.indexOf(subject)));
  const inTurns = await timePairs(pairs, cores, one!, two!);
  compareAll();
  let large: Taken | null = null;
  if (tenfold) {
    say(`${format}: ten times the rows`);
    const path = makeRows(format, rows, 10);
    const [command, ...args] = ours.command(path, targets[0]!);
    large = await timeProcess(command, args);
    rmSync(path);
  }
  for (const target of targets) rmSync(target);
  return turns.map((subject, i) => ({
    subject,
    format,
    taken: taken[i]!,
    tenfold: subject === ours ? large : null,
    pairs: subject === ours ? inTurns : [],
  }));
}

/** So that every process finds it in memory: a system may drop what nobody reads for a minute, and a disk is not what is compared. */
async function readThrough(path: string): Promise<void> {
  for await (const _ of createReadStream(path, { highWaterMark: 2 ** 22 }));
}

function tableOf(measured: readonly Measured[], rows: number): string[][] {
  const head = [
    '',
    'from, to',
    'seconds',
    'rows/s',
    'of one thread',
    'memory',
    'ten times the rows',
  ];
  return [
    head,
    ...measured.map((one) => {
      const seconds = median(secondsOf(one));
      const single = measured.find(
        ({ subject, format }) => subject === alone && format === one.format,
      )!;
      const [once, tenfold] = memoryOf(one);
      return [
        one.subject.name,
        one.format,
        seconds.toFixed(2),
        formatCount(Math.round(rows / seconds)),
        times(median(secondsOf(single)) / seconds),
        inMegabytes(once),
        tenfold === null ? '–' : inMegabytes(tenfold),
      ];
    }),
  ];
}

/** The environment, the forest, and nothing where they are there. */
function prepare(): void {
  mkdirSync(folder, { recursive: true });
  const base = (...args: string[]) =>
    execFileSync('python3.11', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  base(join(projectFolder, 'python/environments/create.py'), 'batch');
  base(join(projectFolder, 'bench/train.py'), 'W3');
}

/** A file of rows, made where it is not there. */
function makeRows(format: Format, rows: number, times: number): string {
  const path = join(folder, `rows-${rows * times}.${format}`);
  if (!existsSync(path)) {
    say(`${format}: making ${formatCount(rows * times)} rows`);
    run(script, 'make', folder, format, String(rows), String(times));
  }
  return path;
}

const run = (...args: string[]) =>
  execFileSync(python, args, { stdio: ['ignore', 'ignore', 'inherit'] });
const say = (line: string) => process.stderr.write(`${line}\n`);

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`bench:predict: ${error.message}\n`);
    process.exitCode = 2;
  },
);
