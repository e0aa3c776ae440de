import { createModel, type Model } from 'nuthatch';
import { columnsOf, inputNames, type ModelDescription } from 'nuthatch/ir';
import { writeSql } from '../src/sql/index.js';
import { flatten, rowsOf } from './answers.js';
import { type Engine, startDuckDb, startSqlite, type Task } from './engines.js';
import type { Proof } from './proof.js';

let engines: readonly Engine[] | undefined;

export const closeEngines = (): void => {
  for (const engine of engines ?? []) engine.close();
};

/** Labels and sums are the library's to the bit; probabilities, and what has a link, to a few steps of float64; refused rows have no answer. */
export async function proveSql(model: ModelDescription): Promise<Proof> {
  const query = writeSql(model, { keep: ['id'] });
  engines ??= [await startDuckDb(), startSqlite(process.env.PYTHON ?? 'python3')];
  const own = createModel(model);
  const names = inputNames(model.input);
  const types = columnsOf(model.input)?.map(({ type }) => type);
  const width = own.nFeatures;
  const columns: Task['columns'] = [
    ['id', 'DOUBLE'],
    ...Array.from({ length: width }, (_, i) => {
      const type = types?.[i] ?? 'number';
      const sql = { number: 'DOUBLE', boolean: 'BOOLEAN' }[type as string] ?? 'VARCHAR';
      return [names?.[i] ?? `x${i}`, sql] as const;
    }),
  ];
  let values = 0;
  let identical = 0;
  let failed = 0;
  const rows = model.golden.flatMap((set) => rowsOf(set, 200));
  const cellOf = (cell: unknown, i: number): unknown => {
    if (cell === null || Number.isNaN(cell)) return null;
    if (types?.[i] === 'boolean') return Boolean(cell);
    if (types?.[i] === 'unused') return null;
    return cell;
  };
  const given = rows.map((row, i) => [i, ...row.map(cellOf)]);
  for (const engine of engines) {
    const found = await engine.run({ columns, rows: given, query });
    const byId = new Map(found.map(([id, ...answers]) => [Number(id), answers]));
    rows.forEach((row, i) => {
      const expected = expectedOf(own, row);
      const answers = byId.get(i) ?? [];
      answers.forEach((answer, k) => {
        const want = expected === null ? null : plain(expected[k]);
        const got = plain(answer);
        values++;
        if (Object.is(want, got) || (want === got && got === 0)) identical++;
        else if (!isNear(want, got)) {
          failed++;
          if (failed < 4) console.log(`  row ${i}, answer ${k}: expected ${want}, found ${got}`);
        }
      });
      if (answers.length === 0) failed++;
    });
  }
  return { bytes: query.length, values, identical, failed };
}

/** Booleans are numbers to SQLite, integers are large ones to DuckDB. */
const plain = (value: unknown): unknown =>
  typeof value === 'boolean' || typeof value === 'bigint'
    ? Number(value)
    : value === undefined || Number.isNaN(value)
      ? null
      : value;

const isNear = (want: unknown, got: unknown): boolean =>
  typeof want === 'number' &&
  typeof got === 'number' &&
  Math.abs(want - got) <= 16 * 2 ** -53 * Math.max(Math.abs(want), 2 ** -1000);

/** Prediction and probabilities of a row; null where the library refuses it. */
function expectedOf(own: Model, row: readonly unknown[]): unknown[] | null {
  try {
    const rows = [row] as never;
    const values = (answer: unknown) => {
      const matrix = answer as { toMatrix?(): { data: Float64Array }; data?: Float64Array };
      return flatten(matrix.toMatrix?.().data ?? matrix.data ?? answer);
    };
    if (own.task === 'transformer') return values(own.transform(rows));
    if (own.task === 'density') return values(own.scoreSamples(rows));
    const chosen = values(own.predict(rows));
    return 'predictProba' in own ? [...chosen, ...values(own.predictProba!(rows))] : chosen;
  } catch {
    return null;
  }
}
