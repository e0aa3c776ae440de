import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { projectFolder } from '../../bench/fixtures.js';
import { describeMachine } from '../../bench/machine.js';
import { createRandom } from '../../bench/random.js';

const help = `npm run kills -- [options]

Kills \`nuthatch predict --resume\` at random moments, again and again until it ends by itself, and compares the files that it leaves with
those of a run that nothing disturbed. Ends with 1 if a byte differs, if something else is left, or if, of more kills than a few, none was
followed by a run that continued.

  --kills N    in all; default 100
  --rows N     of the input; default 600,000
  --seed N     of rows and moments; default 1
  --quick      5 kills, 100,000 rows
`;

/** A job that is killed: what it reads, how it is asked, and what it writes. */
interface Case {
  readonly inputs: readonly string[];
  readonly options: readonly string[];
  readonly output: string;
}

const reject = ['--on-error', 'reject', '--rejects', 'bad.ndjson'];
const cases: readonly Case[] = [
  { inputs: ['rows.csv'], options: ['--threads', '1', ...reject], output: 'out.csv' },
  {
    inputs: ['rows.csv', 'rows.ndjson', 'rows.csv.gz'],
    options: ['--threads', '2', '--method', 'predict,predict_proba', ...reject],
    output: 'out.ndjson',
  },
  { inputs: ['rows.ndjson'], options: ['--threads', '1', ...reject], output: 'out.json' },
  {
    inputs: ['rows.ndjson'],
    options: ['--threads', '2', '--on-error', 'null'],
    output: 'out.csv.gz',
  },
  { inputs: ['rows.csv'], options: ['--threads', '2', ...reject], output: 'out.arrow' },
  { inputs: ['rows.csv'], options: ['--threads', '2', ...reject], output: 'out.parquet' },
];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string' },
      rows: { type: 'string' },
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const kills = Number(values.kills ?? (values.quick ? 5 : 100));
  const rows = Number(values.rows ?? (values.quick ? 100_000 : 600_000));
  const random = createRandom(Number(values.seed));
  const folder = mkdtempSync(join(tmpdir(), 'nuthatch-kills-'));
  process.stdout.write(`${describeMachine()}; ${rows} rows\n`);
  let faults = 0;
  try {
    makeRows(folder, rows, random);
    for (const one of cases) faults += await killAll(folder, one, kills / cases.length, random);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return faults > 0 ? 1 : 0;
}

/** The same rows in two formats, one in a thousand bad. */
function makeRows(folder: string, rows: number, random: () => number): void {
  const path = join(projectFolder, 'fixtures/demo/rows.csv');
  const names = readFileSync(path, 'utf8').split('\n')[0]!.split(',');
  const cells = Array.from({ length: rows }, (_, row) =>
    names.map(() => (row % 1000 === 7 ? '"bad"' : (8 * random()).toFixed(3))),
  );
  const csv = [names, ...cells].map((row) => `${row.join(',')}\n`).join('');
  const records = cells.map(
    (row) => `{${row.map((cell, i) => `${JSON.stringify(names[i])}:${cell}`).join(',')}}\n`,
  );
  writeFileSync(join(folder, 'rows.csv'), csv);
  writeFileSync(join(folder, 'rows.csv.gz'), gzipSync(csv, { level: 1 }));
  writeFileSync(join(folder, 'rows.ndjson'), records.join(''));
}

/** Kills a job so many times. Gives the number of faults. */
async function killAll(
  folder: string,
  { inputs, options, output }: Case,
  kills: number,
  random: () => number,
): Promise<number> {
  const model = join(projectFolder, 'fixtures/demo/model.json');
  const args = ['predict', model, ...inputs, ...options, '-o', output];
  const written = (): Written[] =>
    readdirSync(folder)
      .filter((name) => !name.startsWith('rows.'))
      .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  const clear = () => {
    for (const { name } of written()) rmSync(join(folder, name));
  };
  const undisturbed = await run(folder, args, null);
  const expected = written();
  clear();
  let [killed, ends, continued, faults] = [0, 0, 0, 0];
  let isUnfinished = true;
  while (killed < kills || isUnfinished) {
    const moment = undisturbed.milliseconds * 1.2 * random();
    const { isKilled, said } = await run(
      folder,
      [...args, '--resume'],
      killed < kills ? moment : null,
    );
    isUnfinished = isKilled;
    if (isKilled) {
      killed++;
      continue;
    }
    ends++;
    if (said.includes(' of them before')) continued++;
    const found = written();
    const wrong = differences(found, expected);
    if (wrong.length > 0) faults++;
    for (const difference of wrong) process.stdout.write(`${difference}\n`);
    clear();
  }
  process.stdout.write(
    `${inputs.join(' ')} → ${output} ${options.join(' ')}: ${killed} times killed, ${ends} times ended, ${continued} of them what others began, ${faults} wrong\n`,
  );
  return faults + (kills > 5 && continued === 0 ? 1 : 0);
}

interface Written {
  readonly name: string;
  readonly bytes: Buffer;
}

/** How files differ from those that are expected. */
function differences(found: readonly Written[], expected: readonly Written[]): string[] {
  const names = new Set([...found, ...expected].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [bytes, other] = [found, expected].map(
      (files) => files.find((file) => file.name === name)?.bytes,
    );
    if (!bytes) return [`${name} is not there`];
    if (!other) return [`${name} is left, ${bytes.length} bytes`];
    if (bytes.equals(other)) return [];
    const at = bytes.findIndex((byte, i) => byte !== other[i]);
    return [
      `${name} has ${bytes.length} bytes, not ${other.length}, and differs from byte ${at} on`,
    ];
  });
}

/** Runs a command line, and kills it after so many milliseconds. @throws Error where it ends otherwise than well */
function run(
  folder: string,
  args: readonly string[],
  moment: number | null,
): Promise<{ isKilled: boolean; said: string; milliseconds: number }> {
  const started = performance.now();
  const main = join(projectFolder, 'dist/src/cli/main.js');
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = moment === null ? null : setTimeout(() => child.kill('SIGKILL'), moment);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  return new Promise((resolve, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      clearTimeout(timer ?? undefined);
      const milliseconds = performance.now() - started;
      if (code === 0 || signal === 'SIGKILL')
        resolve({ isKilled: signal === 'SIGKILL', said, milliseconds });
      else fail(new Error(`nuthatch ${args.join(' ')} ended with ${code ?? signal}: ${said}`));
    });
  });
}

process.exitCode = await main();
