import fc from 'fast-check';
import type { Input, MethodName } from 'nuthatch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../src/answer.js';
import { Batching } from '../src/batching.js';
import { ModelThreads } from '../src/model-threads.js';
import { prove } from '../src/proof.js';
import { Runner } from '../src/runner.js';
import { loadServed, type ServedModel } from '../src/served-model.js';
import { setosa } from './models.js';
import { type Asked, fixture, iris, startServer } from './serving.js';

const paths = {
  forest: 'bench/models/W2/model.nut',
  linear: 'bench/models/linear/model.nut',
  flowers: 'fixtures/demo/model.json',
};
const served = {} as Record<keyof typeof paths, ServedModel>;
beforeAll(async () => {
  for (const [name, path] of Object.entries(paths))
    served[name as keyof typeof paths] = await loadServed(
      { name, version: '1', path: fixture(path) },
      prove,
      0,
    );
});

/** Rows that are the same for a seed, of numbers as these models saw them. */
function rowsOf({ model }: ServedModel, count: number, seed = 1): number[][] {
  let state = seed;
  const next = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31) * 8 - 2;
  };
  return Array.from({ length: count }, () => Array.from({ length: model.nFeatures }, next));
}

const methods: readonly MethodName[] = ['predict', 'predict_proba'];

describe('large batches', () => {
  test.each(Object.keys(paths) as (keyof typeof paths)[])(
    'of %s are answered in pieces as at once, to the bit',
    async (name) => {
      const one = served[name];
      for (const count of [65, 200, 1500]) {
        const rows = rowsOf(one, count, count);
        for (const method of methods) {
          // Pieces are of the fewest rows that there may be.
          one.pace.msPerRow = 1;
          expect(
            await new Runner({ rows: 10_000, cells: 1_000_000, waitingRows: 5000 }).run(
              one,
              method,
              rows,
              count,
            ),
          ).toEqual(answer(one, method, rows));
        }
      }
    },
  );

  test('tables by column name, too', async () => {
    const { flowers } = served;
    const rows = rowsOf(flowers, 100);
    const names = flowers.model.featureNames!;
    const table = Object.fromEntries(
      names.map((name, col) => [name, rows.map((row) => row[col]!)]),
    );
    flowers.pace.msPerRow = 1;
    expect(
      await new Runner({ rows: 10_000, cells: 1_000_000, waitingRows: 100 }).run(
        flowers,
        'predict',
        table as Input,
        100,
      ),
    ).toEqual(answer(flowers, 'predict', rows));
  });

  test('and matrices of tensors', async () => {
    const { flowers } = served;
    const rows = rowsOf(flowers, 100);
    const matrix = { data: Float64Array.from(rows.flat()), rows: 100, cols: 4 };
    flowers.pace.msPerRow = 1;
    expect(
      await new Runner({ rows: 10_000, cells: 1_000_000, waitingRows: 100 }).run(
        flowers,
        'predict_proba',
        matrix,
        100,
      ),
    ).toEqual(answer(flowers, 'predict_proba', rows));
  });

  test('a bad cell is told by its place among all rows', async () => {
    const { flowers } = served;
    const rows: unknown[][] = rowsOf(flowers, 500);
    rows[444]![2] = 'x';
    flowers.pace.msPerRow = 1;
    const asked = new Runner({ rows: 10_000, cells: 1_000_000, waitingRows: 500 }).run(
      flowers,
      'predict',
      rows as Input,
      500,
    );
    await expect(asked).rejects.toMatchObject({
      code: 'input-type',
      path: expect.stringMatching(/row 444/),
    });
  });

  test('others have their turn meanwhile', async () => {
    const { forest } = served;
    forest.pace.msPerRow = 1;
    const order: string[] = [];
    const runner = new Runner({ rows: 10_000, cells: 1_000_000, waitingRows: 5000 });
    const large = runner.run(forest, 'predict', rowsOf(forest, 1000), 1000);
    const done = large.then(() => order.push('large'));
    await new Promise((resolve) => setImmediate(resolve));
    await runner.run(forest, 'predict', rowsOf(forest, 1), 1).then(() => order.push('small'));
    await done;
    expect(order).toEqual(['small', 'large']);
  });

  test('more than may be under way are refused, and let in when others are done', async () => {
    const { forest } = served;
    const runner = new Runner({ rows: 10_000, cells: 1_000_000, waitingRows: 1500 });
    const ask = () => {
      forest.pace.msPerRow = 1;
      return runner.run(forest, 'predict', rowsOf(forest, 1000), 1000);
    };
    const first = ask();
    await expect(ask()).rejects.toMatchObject({ statusCode: 503, code: 'overloaded' });
    expect(await first).toHaveLength(1000);
    expect(await ask()).toHaveLength(1000);
  });

  test('threads answer the same, and what is asked once they have ended is answered here', async () => {
    const { forest } = served;
    const threads = new ModelThreads(forest.model, 2);
    const rows = rowsOf(forest, 5000);
    for (const method of methods)
      expect(await threads.answer(method, rows)).toEqual(answer(forest, method, rows));
    const under = threads.answer('predict', rows);
    await Promise.all([threads.close(), under]);
    expect(await under).toEqual(answer(forest, 'predict', rows));
    expect(await threads.answer('predict', rows)).toBeNull();
    const runner = new Runner({ rows: 10_000, cells: 1_000_000, waitingRows: 5000 });
    expect(await runner.run({ ...forest, threads }, 'predict', rows, 5000)).toHaveLength(5000);
  });
});

describe('requests that are joined', () => {
  const run = async (one: ServedModel, method: MethodName, rows: Input) =>
    answer(one, method, rows);
  const cell = fc.double({ noNaN: true, min: -3, max: 9 });
  const row = fc.oneof(
    { weight: 20, arbitrary: fc.array(cell, { minLength: 4, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom<unknown[]>([1, 2], ['x', 1, 2, 3], [1, 2, 3, null]) },
  );
  const request = fc.record({
    rows: fc.array(row, { minLength: 1, maxLength: 5 }),
    method: fc.constantFrom<MethodName>('predict', 'predict_proba'),
    named: fc.boolean(),
  });

  test('are answered as alone, to the bit, each with its own error', async () => {
    const { flowers } = served;
    const names = flowers.model.featureNames!;
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
        const batching = new Batching(run, () => {});
        const asked = requests.map(({ rows, method, named }) => {
          const own = named
            ? rows.map((cells) => Object.fromEntries(cells.map((one, i) => [names[i], one])))
            : rows;
          return { method, rows: own as Input, count: rows.length };
        });
        const settle = (all: Promise<unknown>[]) =>
          Promise.allSettled(all).then((ends) =>
            ends.map((end) => ({ ...end, reason: String((end as PromiseRejectedResult).reason) })),
          );
        const joined = await settle(
          asked.map(({ method, rows, count }) =>
            batching.run(flowers, method, rows, count, { maxRows: 7 }),
          ),
        );
        const alone = await settle(asked.map(({ method, rows }) => run(flowers, method, rows)));
        expect(joined).toEqual(alone);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  test('matrices with those of their type', async () => {
    const { linear } = served;
    const single = (rows: number) => {
      const data = Float32Array.from(rowsOf(linear, rows, rows).flat());
      return { data, rows, cols: linear.model.nFeatures };
    };
    const asked = [single(2), single(3)].flatMap((one) => [
      one,
      { ...one, data: Float64Array.from(one.data, (value) => value / 3) },
    ]);
    const sizes: number[] = [];
    const batching = new Batching(run, (_, rows) => sizes.push(rows));
    const answers = await Promise.all(
      asked.map((one) => batching.run(linear, 'predict', one, one.rows, { maxRows: 9 })),
    );
    expect(answers).toEqual(asked.map((one) => answer(linear, 'predict', one)));
    expect(sizes).toEqual([5, 5]);
  });

  test('are counted by rows, and no batch has more than it may', async () => {
    const sizes: number[] = [];
    const batching = new Batching(run, (_, rows) => sizes.push(rows));
    const ask = (rows: number) =>
      batching.run(served.flowers, 'predict', rowsOf(served.flowers, rows), rows, { maxRows: 4 });
    await Promise.all([ask(1), ask(2), ask(2), ask(1), ask(1), ask(1), ask(9)]);
    expect(sizes).toEqual([3, 4, 1]);
  });

  let server: Asked;
  beforeAll(async () => {
    const batching = { maxRows: 64, maxWaitMs: 20 };
    server = await startServer(iris, { modelName: 'iris', models: { batching } });
  });
  afterAll(() => server.close());

  test('wait for each other in a server, whose metrics say how many', async () => {
    const ask = async () => (await server.post('/predict', { features: setosa })).json;
    const answers = await Promise.all(Array.from({ length: 8 }, ask));
    expect(answers).toEqual(Array.from({ length: 8 }, () => ({ prediction: ['setosa'] })));
    const { body } = await server.get('/metrics');
    const count = Number(/^nuthatch_batch_rows_count\{model="iris"\} (\d+)$/m.exec(body)?.[1]);
    expect(count).toBeLessThan(8);
    expect(body).toMatch(/^nuthatch_batch_rows_sum\{model="iris"\} 8$/m);
  });
});
