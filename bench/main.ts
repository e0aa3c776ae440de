import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from './comparison.js';
import type { Bench } from './context.js';
import { projectFolder } from './fixtures.js';
import { judgeAll } from './judge.js';
import { describeMachine } from './machine.js';
import { formatJson } from './measurement.js';
import { formatHelp, readOptions } from './options.js';
import { formatAbsent, formatJudgements, formatRatios } from './tables.js';

/** A file of `workloads/`. */
interface Family {
  readonly name: string;
  /** Runs that it belongs to where no names are given. */
  readonly runsIn: readonly ('node' | 'python')[];
  /** Names of the trained workloads that it compares on; each may be named instead. */
  readonly trained: readonly string[];
  run(bench: Bench): Promise<void>;
}

async function readFamilies(): Promise<Family[]> {
  const folder = new URL('./workloads/', import.meta.url);
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -3));
  return Promise.all(
    names.map(async (name) => ({
      ...((await import(new URL(`${name}.js`, folder).href)) as Omit<Family, 'name'>),
      name,
    })),
  );
}

/** Trains those that are not trained yet, in the environment of the peers, which is made where it is missing. */
function train(names: readonly string[]): void {
  if (names.length === 0) return;
  const script = join(projectFolder, 'bench', 'train.py');
  try {
    execFileSync('python3.11', [script, ...new Set(names)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (error) {
    throw new Error(`python3.11 bench/train.py: ${(error as Error).message.split('\n')[0]}`);
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  const families = await readFamilies();
  const known = new Map(families.map(({ name, trained }) => [name, trained]));
  if (options.help) {
    process.stdout.write(formatHelp(known));
    return 0;
  }
  const { names, python, rounds } = options;
  const trained = families.flatMap((family) => family.trained);
  const unknown = names.filter((name) => !known.has(name) && !trained.includes(name));
  if (unknown.length > 0) {
    const all = [...known.keys(), ...trained].join(', ');
    throw new Error(`there is no workload ${unknown.join(', ')}; there are ${all}`);
  }
  const models = names.filter((name) => trained.includes(name));
  const runs = families.flatMap((family) => {
    const whole =
      names.length > 0
        ? names.includes(family.name)
        : family.runsIn.includes(python ? 'python' : 'node');
    const part = family.trained.some((name) => models.includes(name));
    return whole || part ? [{ family, only: whole ? null : models }] : [];
  });
  if (python) train(runs.flatMap(({ family, only }) => only ?? family.trained));
  process.stdout.write(`${describeMachine()}\n\n`);
  const pace = { rounds, sampleMillis: python ? 100 : 40, callMillis: 5000 };
  const comparisons: Comparison[] = [];
  for (const { family, only } of runs) await family.run({ python, pace, only, comparisons });
  return report(comparisons, python, options.json);
}

async function report(
  comparisons: readonly Comparison[],
  python: boolean,
  json: string | null,
): Promise<number> {
  const measurements = comparisons.flatMap((comparison) => comparison.measurements);
  const absent = comparisons.flatMap((comparison) => comparison.absent);
  const versions = new Map(comparisons.flatMap((comparison) => [...comparison.versions]));
  const parts = [
    formatRatios(measurements),
    python ? formatJudgements(await judgeAll(measurements)) : '',
    [...versions].map(([name, version]) => `${name} ${version}`).join('; '),
    absent.length > 0 ? `absent:\n${formatAbsent(absent)}` : '',
  ];
  process.stdout.write(`${parts.filter((part) => part !== '').join('\n\n')}\n`);
  if (json !== null) writeFileSync(json, formatJson(measurements));
  const wrong = measurements.filter(({ ok }) => !ok);
  for (const name of new Set(wrong.map(({ subject, workload }) => `${subject} on ${workload}`)))
    process.stderr.write(`wrong answers: ${name}\n`);
  return wrong.length > 0 ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 2;
  },
);
