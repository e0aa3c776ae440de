import { createContext, runInContext } from 'node:vm';
import { createModel } from 'nuthatch';
import { describe, expect, test } from 'vitest';
import { smallModels } from '../../test/hostile/models.js';
import { exportModel } from '../src/index.js';
import { readModel } from './models.js';

const linear = 'fixtures/models/sklearn-1.9/logistic-two-classes/model.json';

/** A surrounding with nothing but the language, and less of that. */
function bareContext() {
  const context = createContext(Object.create(null));
  runInContext(
    'delete globalThis.WebAssembly; delete Object.hasOwn; delete Array.prototype.at;',
    context,
  );
  return context;
}

describe('a function of BigQuery', () => {
  test('has a linear model in its definition, within 32 KiB', async () => {
    const files = await exportModel(await readModel(linear), 'bigquery', { name: 'risk' });
    expect(files.map(({ suffix }) => suffix)).toEqual(['.bigquery.sql']);
    const { content } = files[0]!;
    expect(content).toMatch(/^CREATE OR REPLACE FUNCTION risk\(x_\w+ FLOAT64, /);
    expect(content).toMatch(/^RETURNS STRUCT<prediction \w+, probabilities ARRAY<FLOAT64>>$/m);
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(32 * 1024);
  });

  test('has a forest in a file, which it loads from a bucket, and answers as the library does', async () => {
    const model = await readModel('fixtures/demo/model.json');
    const [sql, program] = await exportModel(model, 'bigquery', { library: 'gs://bucket/f.js' });
    expect(sql!.content).toContain('OPTIONS (library = ["gs://bucket/f.js"])');
    const context = bareContext();
    runInContext(program!.content, context);
    const [, body] = /r"""\n(.*)\n"""/s.exec(sql!.content)!;
    const names = [...sql!.content.matchAll(/x_\w+(?= FLOAT64)/g)].join(', ');
    const call = runInContext(`(function (${names}) {${body}})`, context);
    const { prediction, probabilities } = call(5.1, 3.5, 1.4, 0.2);
    const own = createModel(model) as unknown as {
      predict(rows: unknown): unknown[];
      predictProba(rows: unknown): { data: Float64Array };
    };
    expect(prediction).toBe(own.predict([[5.1, 3.5, 1.4, 0.2]])[0]);
    expect([...probabilities]).toEqual([...own.predictProba([[5.1, 3.5, 1.4, 0.2]]).data]);
  });
});

describe('a function of Snowflake', () => {
  test('refers to its parameters in capitals', async () => {
    const [sql] = await exportModel(await readModel(linear), 'snowflake');
    const [, parameter] = /\((x_\w+) FLOAT/.exec(sql!.content)!;
    expect(sql!.content).toContain(`[${parameter!.toUpperCase()},`);
    expect(sql!.content).toMatch(/LANGUAGE JAVASCRIPT\nIMMUTABLE\nAS \$\$\n/);
  });
});

test('names of columns are no code, and none stands twice', async () => {
  const model = smallModels['narrow table, single tree, ids, covers, strings']!();
  const [sql] = await exportModel(model, 'snowflake');
  expect(sql!.content).toMatch(
    /^CREATE OR REPLACE FUNCTION predict\(x__proto_ FLOAT, x_gr_e FLOAT, x_2 FLOAT\)/,
  );
});

test('names of functions and buckets are checked', async () => {
  const model = await readModel(linear);
  for (const options of [{ name: 'a; DROP TABLE b' }, { library: 'gs://a"]) AS' }])
    await expect(exportModel(model, 'bigquery', options)).rejects.toMatchObject({ code: 'usage' });
  await expect(exportModel(model, 'js', { table: 'a' })).rejects.toMatchObject({ path: 'table' });
});
