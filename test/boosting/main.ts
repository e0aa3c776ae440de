import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { importModel, writeNut } from '../../formats/index.js';
import { createModel, load, type ModelDescription, webAssembly } from '../../src/index.js';
import { type MethodName, methodNames } from '../../src/model.js';
import { type Rule, verify } from '../../src/verify.js';
import { projectFolder } from '../conformance/environments.js';
import { writeRows } from '../formats/marked-table.js';
import { type Answers, ask, goldenOf, rowsOf } from './answers.js';

/**
 * Trains models of XGBoost, LightGBM or CatBoost in Python, imports their files and compares every answer:
 *
 *     node dist/test/boosting/main.js catboost|lightgbm|xgboost [--seeds N] [--python PATH] [--write docs/formats.md] [SETTING …]
 *
 * By the rules of `verify`: raw scores of trees have to be the same to the bit. Exit code 1 where something differs by more than they allow. `--write` puts the line of
 * this version into the document's table.
 */
interface Trained extends Answers {
  readonly setting: string;
  readonly seed: number;
  readonly files: Readonly<Record<string, string>>;
}

/** What was compared of one setting, in one format and by one method. */
interface Tally {
  rule: Rule;
  models: number;
  values: number;
  identical: number;
  /** The largest difference, in units of the rule. */
  worst: number;
}

async function compare(
  library: string,
  trained: Trained,
  tallies: Map<string, Tally>,
  failures: string[],
) {
  const models: Buffer[] = [];
  for (const [format, file] of Object.entries(trained.files)) {
    const imported = await importModel(Buffer.from(file, 'base64'));
    const where = `${trained.setting}, seed ${trained.seed}, ${format}`;
    for (const found of verify(imported, [goldenOf(trained)])) {
      const { method, rule, values, identical, worst, failed } = found;
      const key = `${trained.setting} | ${format} | ${method}`;
      const tally = tallies.get(key) ?? { rule, models: 0, values: 0, identical: 0, worst: 0 };
      tallies.set(key, tally);
      tally.models++;
      tally.values += values;
      tally.identical += identical;
      tally.worst = Math.max(tally.worst, worst);
      if (failed > 0)
        failures.push(
          `${where}, ${method}: ${failed} of ${values} differ, ${JSON.stringify(found.failures[0])}`,
        );
    }
    checkAlone(imported, trained, where, failures);
    const provenance = { ...imported.provenance, format: '', digest: null, time: null };
    models.push(Buffer.from(writeNut({ ...imported, provenance })));
    // Formats of the others write numbers, names or versions that not all have.
    if (library === 'catboost' && !models[0]!.equals(models.at(-1)!))
      failures.push(`${where}: another model than that of the first format`);
  }
}

/** Rows alone, and those of a converted file in WebAssembly, get the same answers to the bit. */
function checkAlone(
  imported: ModelDescription,
  trained: Answers,
  where: string,
  failures: string[],
): void {
  const golden = goldenOf(trained);
  const { rows } = golden.input;
  const all = rowsOf(golden, 0, rows);
  const model = createModel(imported);
  const written = load(writeNut(imported), { accelerator: webAssembly });
  for (const { method } of golden.outputs) {
    const name = methodNames[method as MethodName];
    const batch = ask(model, name, all);
    const alone = Array.from({ length: rows }, (_, row) =>
      ask(model, name, rowsOf(golden, row, row + 1)),
    ).flat();
    for (const others of [alone, ask(written, name, all)])
      if (others.length !== batch.length || !others.every((value, i) => Object.is(value, batch[i])))
        failures.push(`${where}, ${method}: rows alone, or of a converted file, differ`);
  }
}

const titles: Readonly<Record<string, string>> = {
  catboost: 'CatBoost',
  lightgbm: 'LightGBM',
  xgboost: 'XGBoost',
};

/** The run's row of the table in docs/formats.md. */
function summarize(library: string, tallies: ReadonlyMap<string, Tally>): string {
  const all = [...tallies].map(([key, tally]) => ({ ...tally, key: key.split(' | ') }));
  const share = (some: readonly Tally[]) => {
    const sum = (of: 'values' | 'identical') => some.reduce((total, one) => total + one[of], 0);
    return `${((100 * sum('identical')) / sum('values')).toFixed(2)} % of ${sum('values')}`;
  };
  const of = (method: string) => all.filter(({ key }) => key[2] === method);
  const cells = [
    library,
    [...new Set(all.map(({ key }) => key[1]))].join(', '),
    new Set(all.map(({ key }) => key[0])).size,
    of('predict').reduce((total, { models }) => total + models, 0),
    share(of('raw').filter(({ rule }) => rule === 'identical')),
    share(of('predict')),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function main(args: string[]): Promise<number> {
  const option = (name: string, otherwise: string) => {
    const at = args.indexOf(name);
    return at === -1 ? otherwise : args.splice(at, 2)[1]!;
  };
  const seeds = option('--seeds', '3');
  const write = option('--write', '');
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
  let version = '';
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // LightGBM 2 prints what it pleases.
    if (!line.startsWith('{')) continue;
    const said = JSON.parse(line) as Trained | { readonly version: string; readonly total: number };
    if ('total' in said) {
      ({ total, version } = said);
      console.log(`${library} ${version}, ${total} models`);
      continue;
    }
    count++;
    await compare(library, said, tallies, failures).catch((error: Error) => {
      failures.push(`${said.setting}, seed ${said.seed}: ${error.message}`);
    });
  }
  const status = await ended;
  console.log('| setting | format | method | models | rule | values | identical | worst |');
  console.log('| - | - | - | -: | - | -: | -: | -: |');
  for (const [key, { rule, models, values, identical, worst }] of tallies) {
    const share = ((100 * identical) / values).toFixed(2);
    console.log(
      `| ${key} | ${models} | ${rule} | ${values} | ${share} % | ${worst.toPrecision(2)} |`,
    );
  }
  const row = summarize(`${titles[library] ?? library} ${version}`, tallies);
  console.log(row);
  for (const failure of failures.slice(0, 20)) console.error(failure);
  if (failures.length > 20) console.error(`… ${failures.length - 20} more`);
  if (status !== 0 || count !== total)
    console.error(`train.py ended with ${status}, ${count} of ${total} models`);
  if (failures.length > 0 || status !== 0 || count !== total) return 1;
  if (write !== '') writeRows(write, 'boosting', [row]);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
