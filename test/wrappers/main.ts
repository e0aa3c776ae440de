import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { importModel, writeNut } from '../../formats/index.js';
import { createModel, type Model, type ModelDescription } from '../../src/index.js';
import type { GoldenSet } from '../../src/ir/index.js';
import { Matrix } from '../../src/result.js';
import { verify } from '../../src/verify.js';
import type { Rows } from '../boosting/answers.js';
import { projectFolder } from '../conformance/environments.js';
import { writeRows } from '../formats/marked-table.js';
import { type Answered, goldenOf } from './trained.js';

/**
 * Trains estimators of XGBoost, LightGBM or CatBoost in Python, alone and inside scikit-learn's, imports what pickle, joblib and skops write of them and compares
 * every answer:
 *
 *     node dist/test/wrappers/main.js catboost|lightgbm|xgboost [--seeds N] [--python PATH] [--write docs/formats.md] [SETTING …]
 *
 * By the rules of `verify`. All files of a model have to give the same `.nut`, but for where it comes from. Exit code 1 where something differs by more than allowed.
 * `--write` puts the line of these versions into the document's table.
 */
interface Trained extends Partial<Answered> {
  readonly setting: string;
  readonly seed: number;
  readonly error?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** What was compared, of all models. */
const tally = {
  models: 0,
  files: 0,
  kinds: new Set<string>(),
  identical: { predict: 0, predict_proba: 0 } as Record<string, number>,
  values: { predict: 0, predict_proba: 0 } as Record<string, number>,
};

/** The bytes of a model, whichever file it came from: not all say the estimator's name, or the library's patch. */
const bytesOf = (model: ModelDescription): Uint8Array =>
  writeNut({
    ...model,
    provenance: {
      ...model.provenance,
      ...{ format: '', digest: null, time: null, className: '', libraryVersion: '' },
    },
  });

async function compare(
  { files, ...answered }: Trained & Answered,
  where: string,
): Promise<string[]> {
  const failures: string[] = [];
  let first: Uint8Array | null = null;
  for (const [kind, file] of Object.entries(files!)) {
    const imported = await importModel(Buffer.from(file, 'base64'));
    tally.files++;
    tally.kinds.add(kind.replace(/ \d$/, ''));
    const bytes = bytesOf(imported);
    if (first !== null) {
      if (Buffer.compare(bytes, first) !== 0)
        failures.push(`${where}: ${kind} gives another model`);
      continue;
    }
    first = bytes;
    const golden = goldenOf(answered);
    for (const { method, rule, values, identical, worst, failed, failures: found } of verify(
      imported,
      [golden],
    )) {
      tally.identical[method] = (tally.identical[method] ?? 0) + identical;
      tally.values[method] = (tally.values[method] ?? 0) + values;
      console.log(
        `| ${where} | ${method} | ${rule} | ${values} | ${identical} | ${worst.toPrecision(2)} |`,
      );
      if (failed > 0)
        failures.push(
          `${where}, ${method}: ${failed} of ${values} differ, ${JSON.stringify(found[0])}`,
        );
    }
    failures.push(...checkAlone(imported, golden, where));
  }
  tally.models++;
  return failures;
}

/** A row alone gets the same answers to the bit. */
function checkAlone(imported: ModelDescription, golden: GoldenSet, where: string): string[] {
  const { input, outputs } = golden;
  if (input.type !== 'matrix') return [];
  const model = createModel(imported);
  const { rows, columns: cols } = input;
  const data = Float64Array.from(input.data);
  return outputs.flatMap(({ method }) => {
    const name = method.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const ask = (start: number, end: number) =>
      answer(model, name, {
        data: data.subarray(start * cols, end * cols),
        rows: end - start,
        cols,
      });
    const batch = ask(0, rows);
    const width = batch.length / rows;
    const alone = Array.from({ length: rows }, (_, row) => ask(row, row + 1)).flat();
    const same =
      alone.length === rows * width && alone.every((value, i) => Object.is(value, batch[i]));
    return same ? [] : [`${where}, ${method}: rows alone differ`];
  });
}

/** What a method answers: a matrix, one for each output, or labels, of several outputs those of each row. */
function answer(model: Model, method: string, X: Rows): unknown[] {
  const found = (model as unknown as Record<string, (X: Rows) => unknown>)[method]!(X);
  const isMatrix = (one: unknown): one is Matrix => one instanceof Matrix;
  const matrices = (Array.isArray(found) ? found : [found]).filter(isMatrix);
  if (matrices.length === 0) return Array.from(found as ArrayLike<unknown>).flat();
  return Array.from({ length: X.rows }, (_, row) =>
    matrices.flatMap((matrix) => Array.from(matrix.row(row))),
  ).flat();
}

const titles: Readonly<Record<string, string>> = {
  catboost: 'CatBoost',
  lightgbm: 'LightGBM',
  xgboost: 'XGBoost',
};

/** The run's row of the table in docs/formats.md. */
function summarize(library: string): string {
  const share = (method: string) => {
    const values = tally.values[method]!;
    const identical = tally.identical[method]!;
    return `${((100 * identical) / values).toFixed(2)} % of ${values}`;
  };
  const { models, files, kinds } = tally;
  return `| ${[library, [...kinds].join('; '), models, files, share('predict'), share('predict_proba')].join(' | ')} |`;
}

async function main(args: string[]): Promise<number> {
  const option = (name: string, otherwise: string) => {
    const at = args.indexOf(name);
    return at === -1 ? otherwise : args.splice(at, 2)[1]!;
  };
  const seeds = option('--seeds', '2');
  const write = option('--write', '');
  const python = option('--python', join(projectFolder, '.venvs', 'bench', 'bin', 'python'));
  const [library, ...settings] = args as [string, ...string[]];
  const script = join(projectFolder, 'fixtures', 'wrappers', 'train.py');
  const child = spawn(python, [script, library, seeds, ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const failures: string[] = [];
  let [total, count] = [-1, 0];
  let name = '';
  console.log('| setting | method | rule | values | identical | worst |');
  console.log('| - | - | - | -: | -: | -: |');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    const said = JSON.parse(line) as
      | Trained
      | { readonly version: string; readonly sklearn: string; readonly total: number };
    if ('total' in said) {
      total = said.total;
      name = `${titles[library] ?? library} ${said.version}, scikit-learn ${said.sklearn}`;
      continue;
    }
    count++;
    const where = `${said.setting}, seed ${said.seed}`;
    // What a version cannot do.
    if (said.error !== undefined) console.log(`${where}: not trained, ${said.error}`);
    else
      await compare(said as Trained & Answered, where).then(
        (found) => failures.push(...found),
        (error: Error) => failures.push(`${where}: ${error.message}`),
      );
  }
  const status = await ended;
  const row = summarize(name);
  console.log(row);
  for (const failure of failures.slice(0, 20)) console.error(failure);
  if (failures.length > 20) console.error(`… ${failures.length - 20} more`);
  if (status !== 0 || count !== total)
    console.error(`train.py ended with ${status}, ${count} of ${total} models`);
  if (failures.length > 0 || status !== 0 || count !== total) return 1;
  if (write !== '') writeRows(write, 'wrappers', [row]);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
