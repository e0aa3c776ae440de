import type { ModelDescription, Node } from 'nuthatch/ir';
import { describe, expect, test } from 'vitest';
import { exportModel, writeJson } from '../src/index.js';
import { readModel } from './models.js';

/** Engines run such queries in `npm run exports`; here is what can be said of their text. */
const sqlOf = async (model: ModelDescription, options = {}): Promise<string> =>
  (await exportModel(model, 'sql', options))[0]!.content;

/** A model of one column of strings, with this name and this one category. */
async function nasty(name: string, category: string): Promise<ModelDescription> {
  const model = await readModel('fixtures/models/sklearn-1.9/one-hot/model.json');
  const root: Node = {
    kind: 'encode',
    features: 1,
    nonFinite: 'any',
    type: 'float64',
    sparse: false,
    columns: [
      {
        strings: [category],
        numbers: null,
        missing: false,
        unknown: true,
        width: 1,
        values: null,
        marks: Int32Array.of(0, -1),
      },
    ],
  };
  const input = { type: 'columns', columns: [{ name, type: 'string', categories: null }] } as const;
  return { ...model, root, input, golden: [] };
}

describe('a query', () => {
  test.each([
    [`a"b' OR 1=1 --`, `x'; DROP TABLE rows; --`],
    ['`;', '\\'],
    ['naïve\n', `\\'`],
  ])('quotes the name %j and the category %j', async (name, category) => {
    const model = await nasty(name, category);
    const standard = await sqlOf(model);
    expect(standard).toContain(`"${name.replaceAll('"', '""')}" AS nh_c0`);
    expect(standard).toContain(`IN ('${category.replaceAll("'", "''")}')`);
    const bigquery = await sqlOf(model, { dialect: 'bigquery' });
    const text = JSON.stringify(category).slice(1, -1).replaceAll("'", "\\'");
    expect(bigquery).toContain(`IN ('${text}')`);
  });

  test('refuses texts that would end early', async () => {
    await expect(sqlOf(await nasty('a', 'b\0c'))).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('quotes the table and the columns that are kept', async () => {
    const query = await sqlOf(await nasty('a', 'b'), { table: 'main.x"y', keep: ['i"d'] });
    expect(query).toContain('FROM "main"."x""y"');
    expect(query).toContain('SELECT\n  "i""d",');
    await expect(sqlOf(await nasty('a', 'b'), { keep: ['nh_c0'] })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  test('compares cells as if they were rounded to float32', async () => {
    const model = await readModel('fixtures/models/sklearn-1.9/tree-stump/model.json');
    const query = await sqlOf(model);
    const [, sign, limit] = /CASE WHEN nh_c\d+ (<=?) \(?([\d.e-]+)/.exec(query)!;
    const [threshold] = /"threshold": ([\d.e-]+)/.exec(writeJson(model))!.slice(1).map(Number);
    const middle = Number(limit);
    const below = middle - Math.abs(middle) * 2 ** -52;
    const above = middle + Math.abs(middle) * 2 ** -52;
    for (const x of [below, middle, above]) {
      const goesLeft = sign === '<=' ? x <= middle : x < middle;
      expect(goesLeft).toBe(Math.fround(x) <= threshold!);
    }
  });

  test.each([
    ['isolation-forest', 'unsupported', 'model.root'],
    ['k-neighbors-classifier', 'unsupported', 'model.root'],
    ['pipeline-polynomial', 'unsupported', 'model.root.steps'],
    ['tf-idf', 'unsupported', 'model.input'],
    ['hist-gradient-boosting-table', 'unsupported', 'model.root'],
  ])('of %s is refused, with the place and what to do', async (name, code, path) => {
    const model = await readModel(`fixtures/models/sklearn-1.9/${name}/model.json`);
    await expect(sqlOf(model)).rejects.toMatchObject({
      code,
      path: expect.stringMatching(`^${path}`),
      message: expect.stringContaining('--to js'),
    });
  });
});
