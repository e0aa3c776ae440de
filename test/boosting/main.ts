import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { importModel, writeNut } from '../../formats/index.js';
import { createModel, load, webAssembly } from '../../src/index.js';
import { ulpOf } from '../../src/math/ulp.js';
import { projectFolder } from '../conformance/environments.js';
import { ask, mostSteps, numbersOf } from './answers.js';

/**
 * Trains models of XGBoost or LightGBM in Python, imports their files and compares every answer:
 *
 *     node dist/test/boosting/main.js lightgbm|xgboost [--seeds N] [--python PATH] [SETTING …]
 *
 * Raw scores have to be the same to the bit. Exit code 1 where something differs.
 */
interface Trained {
  readonly setting: string;
  readonly seed: number;
  readonly files: Readonly<Record<string, string>>;
  readonly rows: string;
  readonly columns: number;
  readonly answers: Readonly<Record<string, string>>;
}

/** What was compared of one setting, in one format and by one method. */
interface Tally {
  models: number;
  values: number;
  identical: number;
  /** The largest difference, in steps of the answers' type. */
  worst: number;
}

async function compare(trained: Trained, single: boolean, tallies: Map<string, Tally>) {
  const data = numbersOf(trained.rows);
  const cols = trained.columns;
  const rows = data.length / cols;
  for (const [format, file] of Object.entries(trained.files)) {
    const imported = await importModel(Buffer.from(file, 'base64'));
    const models = [createModel(imported), load(writeNut(imported), { accelerator: webAssembly })];
    for (const method of ['raw', 'predict'] as const) {
      if (!(method in trained.answers)) continue;
      const key = `${trained.setting}\t${format}\t${method}`;
      const tally = tallies.get(key) ?? { models: 0, values: 0, identical: 0, worst: 0 };
      tallies.set(key, tally);
      tally.models++;
      const wanted = numbersOf(trained.answers[method]!);
      for (const model of models) {
        const batch = ask(model, method, { data, rows, cols });
        const alone = Array.from({ length: rows }, (_, row) =>
          ask(model, method, {
            data: data.subarray(row * cols, (row + 1) * cols),
            rows: 1,
            cols,
          }),
        ).flat();
        if (batch.length !== wanted.length)
          throw new Error(`${key}: ${batch.length} values, expected ${wanted.length}`);
        for (const found of [batch, alone])
          found.forEach((value, i) => {
            const want = wanted[i]!;
            tally.values++;
            if (value === want || (Number.isNaN(value) && Number.isNaN(want))) tally.identical++;
            else {
              const step = ulpOf(want) * (single ? 2 ** 29 : 1);
              const off = Math.abs(value - want) / step;
              tally.worst = Math.max(tally.worst, Number.isNaN(off) ? Infinity : off);
            }
          });
      }
    }
  }
}

async function main(args: string[]): Promise<number> {
  const option = (name: string, otherwise: string) => {
    const at = args.indexOf(name);
    return at === -1 ? otherwise : args.splice(at, 2)[1]!;
  };
  const seeds = option('--seeds', '3');
  const python = option('--python', join(projectFolder, '.venvs', 'bench', 'bin', 'python'));
  const [library, ...settings] = args as [string, ...string[]];
  const script = join(projectFolder, 'fixtures', 'boosting', 'train.py');
  const child = spawn(python, [script, library, seeds, ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const tallies = new Map<string, Tally>();
  const failures: string[] = [];
  let total = -1;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // LightGBM 2 prints what it pleases.
    if (!line.startsWith('{')) continue;
    const said = JSON.parse(line) as Trained | { readonly version: string; readonly total: number };
    if ('total' in said) {
      total = said.total;
      console.log(`${library} ${said.version}, ${total} models`);
      continue;
    }
    count++;
    await compare(said, library === 'xgboost', tallies).catch((error: Error) => {
      failures.push(`${said.setting}, seed ${said.seed}: ${error.message}`);
    });
  }
  const status = await ended;
  console.log('| setting | format | method | models | values | identical | worst, steps |');
  console.log('| - | - | - | - | - | - | - |');
  for (const [key, { models, values, identical, worst }] of tallies) {
    const share = ((100 * identical) / values).toFixed(2);
    console.log(
      `| ${key.replaceAll('\t', ' | ')} | ${models} | ${values} | ${share} % | ${worst} |`,
    );
    if (worst > (key.endsWith('raw') ? 0 : mostSteps))
      failures.push(`${key}: off by ${worst} steps`);
  }
  for (const failure of failures.slice(0, 20)) console.error(failure);
  if (failures.length > 20) console.error(`… ${failures.length - 20} more`);
  if (status !== 0 || count !== total)
    console.error(`train.py ended with ${status}, ${count} of ${total} models`);
  return failures.length > 0 || status !== 0 || count !== total ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
