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

/** What came of one model. */
export interface Outcome {
  readonly comparisons: readonly Comparison[];
  /** Those of them that went through exp or log in float64. */
  readonly transcendental: readonly Comparison[];
  /** Questions whether a row is refused, and rows whose decision path was asked. */
  readonly asked: number;
  /** One line for each difference; none where the model passed. */
  readonly failures: readonly string[];
}

/** What train.py writes beside an export. */
interface Asked {
  readonly refusals: {
    readonly base: number[];
    readonly probes: {
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
}

/** Imports an export, takes it through `.nut`, and compares everything that Python said about it. */
export async function compareModel(file: string): Promise<Outcome> {
  const written = writeNut(await importModel(readFileSync(file)));
  const description = await importModel(written);
  const comparisons = verify(description);
  const failures = comparisons.filter(({ failed }) => failed > 0).map(describeFailure);
  if (comparisons.every(({ values }) => values === 0)) failures.push('nothing was compared');
  const asked = JSON.parse(readFileSync(file.replace(/\.json$/, '.asked.json'), 'utf8')) as Asked;
  const model = load(written);
  const refusals = compareRefusals(model, asked.refusals);
  const paths = comparePaths(model, asked.paths);
  return {
    comparisons,
    transcendental: comparisons.filter((one) => one.rule === 'ulp' && !isSingle(description, one)),
    asked: refusals.asked + paths.asked,
    failures: [...failures, ...refusals.failures, ...paths.failures],
  };
}

/** Whether Python answered in float32: numpy's float32 exp and log differ from correctly rounded ones in a fifth to a third. */
function isSingle({ golden }: ModelDescription, { set, method }: Comparison): boolean {
  const outputs = golden.find(({ name }) => name === set)!.outputs;
  return (
    outputs.find((output) => output.method === method)!.parts[0]!.values instanceof Float32Array
  );
}

function describeFailure({ set, method, failed, values, worst, failures }: Comparison): string {
  const [{ row, column, expected, found }] = failures as [Comparison['failures'][number]];
  return `${set}, ${method}: ${failed} of ${values} values differ, the worst by ${worst}; row ${row}, column ${column}: expected ${expected}, found ${found}`;
}

/** Whether rows that Python refused are refused here for the same reason, and no others, in batches and alone. */
function compareRefusals(
  model: Model,
  { base, probes }: Asked['refusals'],
): { asked: number; failures: string[] } {
  const failures: string[] = [];
  let asked = 0;
  for (const { value, columns, outcomes } of probes) {
    const row = base.map((cell, column) => (columns.includes(column) ? Number(value) : cell));
    const batch = { data: Float64Array.from([...row, ...base]), rows: 2, cols: base.length };
    const check = (name: string, expected: string, run: () => unknown) => {
      asked++;
      const found = outcomeOf(run);
      if (found === (expected === 'ValueError' ? 'input-not-finite' : expected)) return;
      failures.push(
        `${name} of ${value} in ${columns.length} columns: Python ${expected}, here ${found}`,
      );
    };
    for (const [method, expected] of Object.entries(outcomes)) {
      const name = methodNames[method as keyof typeof methodNames];
      const run = (model as unknown as Record<string, (X: unknown) => unknown>)[name]!;
      check(name, expected, () => run(batch));
      if (method === 'predict')
        check('predictOne', expected, () => asPredictor(model).predictOne(row as number[]));
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
  const found = asPredictor(model).decisionPath!(rows);
  const same =
    equal(found.indptr, indptr) && equal(found.indices, indices) && equal(found.treeStarts, starts);
  return { asked: rows.length, failures: same ? [] : ['decisionPath passes other nodes'] };
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
