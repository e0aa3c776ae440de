/**
 * Holds Parquet against four writers and pyarrow: what `nuthatch predict --columns all` writes of each file is what pyarrow reads of it. And labels against
 * scikit-learn: four readers read what it answers.
 *
 *     npm run parquet [-- --rows 3000] [--only NAME]
 *     npm run parquet -- --fixtures      makes the small files of the tests again
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { predictFiles } from '@nuthatch/batch';
import { loadFile } from 'nuthatch/node';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '3000' },
    only: { type: 'string', default: '' },
    fixtures: { type: 'boolean' },
  },
});
const python = (...args) =>
  execFileSync(
    join(root, '.venvs/parquet/bin/python'),
    [fileURLToPath(new URL('parquet.py', import.meta.url)), ...args],
    { stdio: 'inherit' },
  );

if (options.fixtures) python('fixtures', join(root, 'fixtures/parquet'));
else {
  const folder = mkdtempSync(join(tmpdir(), 'nuthatch-parquet-'));
  try {
    python('make', folder, options.rows, '--only', options.only);
    await predictAll(folder);
    python('check', folder);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function predictAll(folder) {
  const models = new Map();
  for (const name of ['numbers', 'numbers-fastparquet'])
    models.set(name, await loadFile(join(folder, `${name}.joblib`)));
  mkdirSync(join(folder, 'out'));
  mkdirSync(join(folder, 'labels'));
  const files = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
  for (const [i, name] of files.entries()) {
    const job = {
      inputs: [join(folder, name)],
      from: null,
      to: 'parquet',
      rejects: null,
      threads: i % 10 === 0 ? 2 : 1,
    };
    if (name.startsWith('labels-'))
      await predictFiles({
        ...job,
        model: await loadFile(join(folder, name.replace('.parquet', '.joblib'))),
        methods: ['predict'],
        columns: [],
        output: join(folder, 'labels', name),
        onError: name === 'labels-gaps.parquet' ? 'null' : 'stop',
      });
    else
      await predictFiles({
        ...job,
        model: models.get(name.startsWith('fastparquet') ? 'numbers-fastparquet' : 'numbers'),
        methods: ['transform'],
        columns: 'all',
        output: join(folder, 'out', name),
        onError: 'stop',
      });
  }
}
