import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asClassifier, createModel } from '../src/index.js';
import type { GoldenMatrix } from '../src/ir/index.js';
import { readModel } from '../src/node.js';

/** The main job, step by step, on the forest in fixtures/demo: what a person would type, and what comes of it. */

const project = fileURLToPath(new URL('../../', import.meta.url));
const commandLine = join(project, 'dist', 'src', 'cli', 'main.js');
const source = join('fixtures', 'demo', 'model.json');
const rows = join('fixtures', 'demo', 'rows.csv');
const folder = mkdtempSync(join(tmpdir(), 'nuthatch-demo-'));
const converted = join(folder, 'model.nut');

try {
  say('A random forest, trained in Python and exported with nuthatch-export. What is it?');
  nuthatch('inspect', source);
  say(
    'Convert it. Its golden rows (rows with the answers that Python gave) are replayed before anything is written.',
  );
  nuthatch('convert', source, '-o', converted);
  say('Replay them again, from the file, method by method.');
  nuthatch('verify', converted);
  say('Predict rows of a CSV file.');
  show(readFileSync(join(project, rows), 'utf8').split('\n').slice(0, 4).join('\n'));
  nuthatch('predict', converted, rows);
  nuthatch('predict', converted, rows, '--method', 'predict_proba', '--format', 'csv');
  say('And from a program: load, predict, time per row.');
  await time();
} finally {
  rmSync(folder, { recursive: true });
}

function say(text: string): void {
  process.stdout.write(`\n# ${text}\n`);
}

function show(text: string): void {
  process.stdout.write(`${text}\n`);
}

function nuthatch(...args: string[]): void {
  const shown = args.map((arg) => (arg === converted ? 'model.nut' : arg)).join(' ');
  show(`\n$ npx nuthatch ${shown}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [commandLine, ...args], {
    cwd: project,
    encoding: 'utf8',
  });
  show((stdout + stderr).replaceAll(converted, 'model.nut').trimEnd());
  if (status !== 0) throw new Error(`nuthatch ${shown} ended with ${status}`);
}

/** Times `predictOne` on the golden rows of the model, record by record, after a warm-up; prints the median of several rounds. */
async function time(): Promise<void> {
  const description = await readModel(converted);
  const model = asClassifier(createModel(description));
  const names = model.featureNames!;
  const { input } = description.golden.find((set) => set.name === 'rows')!;
  const { data, columns, rows: count } = input as GoldenMatrix;
  const records = Array.from({ length: count }, (_, row) =>
    Object.fromEntries(names.map((name, col) => [name, data[row * columns + col]!])),
  );
  const rounds = Array.from({ length: 15 }, () => {
    const start = performance.now();
    for (let i = 0; i < 5000; i++) model.predictOne(records[i % count]!);
    return (performance.now() - start) / 5;
  });
  const micros = rounds.sort((a, b) => a - b)[7]!;
  show(
    `\n${relative(project, fileURLToPath(import.meta.url))
      .replace('dist/', '')
      .replace(
        '.js',
        '.ts',
      )}: model.predictOne({ ${JSON.stringify(names[0])}: ${records[0]![names[0]!]}, … })`,
  );
  show(`→ ${JSON.stringify(model.predictOne(records[0]!))}, ${micros.toFixed(1)} µs a record`);
}
