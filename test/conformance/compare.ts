import { readFileSync } from 'node:fs';
import { importModel, writeNut } from '../../formats/index.js';
import {
  asPredictor,
  load,
  type Model,
  type ModelDescription,
  methodNames,
  NuthatchError,
} from '../../src/index.js';
import { type Comparison, verify } from '../../src/verify.js';
import { compareLink, type Margins } from './link.js';
import { compareRowsAlone } from './rows-alone.js';

/** What came of one model. */
export interface Outcome {
  readonly comparisons: readonly Comparison[];
  /** Those of them that went through exp or log in float64. */
  readonly transcendental: readonly Comparison[];
  /** Questions whether a row is refused, and rows asked for their decision path, or alone. */
  readonly asked: number;
  /** Rows whose label is excused by a margin inside its bound, as "3, 17 of rows": one line for each set. */
  readonly excusedRows: readonly string[];
  /** One line for each difference; none where the model passed. */
  readonly failures: readonly string[];
}

type Cell = number | string | boolean | null;

/** What train.py writes beside an export. */
interface Asked {
  readonly refusals: {
    /** Of a table's columns; null for a matrix. */
    readonly names: string[] | null;
    readonly base: Cell[];
    readonly probes: {
      readonly kind: 'number' | 'text' | 'missing';
      readonly value: string;
      readonly columns: number[];
      readonly outcomes: Record<string, string>;
    }[];
  };
  readonly paths: {
    readonly rows: (number | null)[][];
    readonly indptr: number[];
    readonly indices: number[];
    readonly starts: number[];
  } | null;
  /** Of generalised linear models. */
  readonly margins?: Margins | null;
}

/** Imports an export, takes it through `.nut`, and compares everything that Python said about it. */
export async function compareModel(file: string): Promise<Outcome> {
  const written = writeNut(await importModel(readFileSync(file)));
  const description = await importModel(written);
  const asked = JSON.parse(readFileSync(file.replace(/\.json$/, '.asked.json'), 'utf8')) as Asked;
  const links = asked.margins ? [compareLink(description, asked.margins)] : [];
  const comparisons = [...verify(description), ...links];
  const failures = comparisons.filter(({ failed }) => failed > 0).map(describeFailure);
  if (comparisons.every(({ values }) => values === 0)) failures.push('nothing was compared');
  const model = load(written);
  const methods = new Set(
    description.golden.flatMap((set) => set.outputs.map((one) => one.method)),
  );
  const refusals = compareRefusals(model, asked.refusals, methods);
  const paths = comparePaths(model, asked.paths);
  const alone = compareRowsAlone(model, description.golden[0]!);
  return {
    comparisons,
    transcendental: comparisons.filter((one) => one.rule === 'ulp' && !isSingle(description, one)),
    asked: refusals.asked + paths.asked + alone.asked,
    excusedRows: comparisons
      .filter((one) => one.excusedRows.length > 0)
      .map((one) => `${one.excusedRows.join(', ')} of ${one.set}`),
    failures: [...failures, ...refusals.failures, ...paths.failures, ...alone.failures],
  };
}

/** Whether the import of an export is refused, as scikit-learn's parts that cannot be reproduced are, with a message that says why. */
export async function compareRefusal(file: string, why: string): Promise<readonly string[]> {
  try {
    await importModel(readFileSync(file));
  } catch (error) {
    const { code, problems } = error as NuthatchError;
    if (code !== 'unsupported') throw error;
    const said = problems.map(({ message }) => message);
    return said.some((message) => message.includes(why)) ? [] : [`refused otherwise: ${said[0]}`];
  }
  return [`not refused: ${why}`];
}

/** Whether Python answered in float32: numpy's float32 exp and log differ from correctly rounded ones in a fifth to a third. */
function isSingle({ golden }: ModelDescription, { set, method }: Comparison): boolean {
  const outputs = golden.find(({ name }) => name === set)?.outputs;
  const output = outputs?.find((candidate) => candidate.method === method);
  return output !== undefined && output.parts[0]!.values instanceof Float32Array;
}

function describeFailure({ set, method, failed, values, worst, failures }: Comparison): string {
  const [{ row, column, expected, found }] = failures as [Comparison['failures'][number]];
  return `${set}, ${method}: ${failed} of ${values} values differ, the worst by ${worst}; row ${row}, column ${column}: expected ${expected}, found ${found}`;
}

/** What Python's outcomes are here. */
const codes: Readonly<Record<string, readonly string[]>> = {
  ValueError: ['input-not-finite', 'input-range'],
  unknown: ['input-category'],
};

/** Whether rows that Python refused are refused here for the same reason, and no others, in batches and alone. */
function compareRefusals(
  model: Model,
  questions: Asked['refusals'],
  methods: ReadonlySet<string>,
): { asked: number; failures: string[] } {
  const failures: string[] = [];
  let asked = 0;
  const { base, probes } = questions;
  // Some estimators take a frame without keeping its names.
  const names = model.featureNames === null ? null : questions.names;
  const toRow = (cells: Cell[]) =>
    names === null ? cells : Object.fromEntries(names.map((name, k) => [name, cells[k]!]));
  for (const { kind, value, columns, outcomes } of probes) {
    const cell = kind === 'number' ? Number(value) : kind === 'text' ? value : null;
    const cells = base.map((before, column) => (columns.includes(column) ? cell : before));
    const row = toRow(cells);
    const numbers = [...cells, ...base];
    const batch =
      names === null && numbers.every((one) => typeof one === 'number')
        ? { data: Float64Array.from(numbers), rows: 2, cols: base.length }
        : [row, toRow(base)];
    const check = (name: string, expected: string, run: () => unknown) => {
      asked++;
      const found = outcomeOf(run);
      if ((codes[expected] ?? [expected]).includes(found)) return;
      failures.push(
        `${name} of ${kind} ${value} in columns ${columns}: Python ${expected}, here ${found}`,
      );
    };
    for (const [method, expected] of Object.entries(outcomes)) {
      // What has no row for each row is answered by no method here.
      if (!methods.has(method)) continue;
      const name = methodNames[method as keyof typeof methodNames];
      const run = (model as unknown as Record<string, (X: unknown) => unknown>)[name]!;
      check(name, expected, () => run(batch));
      if (method === 'predict') {
        check('predictOne', expected, () => asPredictor(model).predictOne(row as never));
      }
    }
  }
  return { asked, failures };
}

function outcomeOf(run: () => unknown): string {
  try {
    run();
    return 'answered';
  } catch (error) {
    return error instanceof NuthatchError ? error.code : String(error);
  }
}

function comparePaths(model: Model, paths: Asked['paths']): { asked: number; failures: string[] } {
  if (paths === null) return { asked: 0, failures: [] };
  const { rows, indptr, indices, starts } = paths;
  const found = model.decisionPath!(rows);
  const same =
    equal(found.indptr, indptr) && equal(found.indices, indices) && equal(found.treeStarts, starts);
  return { asked: rows.length, failures: same ? [] : ['decisionPath passes other nodes'] };
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
