import { expect } from 'vitest';
import { readNut } from '../../formats/nut/index.js';
import { type ErrorCode, load, NuthatchError } from '../../src/index.js';
import type { Model, Transformer } from '../../src/model.js';
import { Matrix, SparseMatrix } from '../../src/result.js';
import {
  answered,
  answeringNode,
  choiceScores,
  chosenClasses,
  leafIds,
  linked,
  probabilities,
  rawScores,
  standardDeviations,
  transformed,
} from './reference.js';

/** Longer than any small input may take: a hang, for a test. */
const patience = 2000;

/** What came of a hostile input: `refused` with a code, or `accepted` with the right answers. */
export interface Verdict {
  readonly code: ErrorCode | 'accepted';
  readonly path: string;
}

/** Counts verdicts, for the report at the end of a campaign. */
export class Tally {
  readonly counts = new Map<string, number>();
  total = 0;

  add(verdict: Verdict): void {
    this.total++;
    this.counts.set(verdict.code, (this.counts.get(verdict.code) ?? 0) + 1);
  }

  toString(): string {
    const parts = [...this.counts].sort((a, b) => b[1] - a[1]).map(([code, n]) => `${code} ${n}`);
    return `${this.total}: ${parts.join(', ')}`;
  }
}

/** Runs `work`, which must end in time and throw nothing but a `NuthatchError` of one of these codes, with a message. */
export function attempt<T>(
  what: string,
  codes: readonly ErrorCode[],
  work: () => T,
): { readonly error: NuthatchError } | { readonly value: T } {
  const started = performance.now();
  try {
    return { value: work() };
  } catch (error) {
    return { error: expectTyped(what, error, codes) };
  } finally {
    const took = performance.now() - started;
    if (took > patience) expect.fail(`${what}: took ${Math.round(took)} ms`);
  }
}

/** What a message may not hold: control characters but line breaks, and what JavaScript shows where something is missing. */
const unfit = /[^\P{Cc}\n]|undefined|\[object/u;

/** Fails unless `error` is the library's own, with one of these codes and a message on lines without control characters. */
export function expectTyped(
  what: string,
  error: unknown,
  codes: readonly ErrorCode[],
): NuthatchError {
  if (!(error instanceof NuthatchError)) {
    const shown = error instanceof Error ? error.stack : String(error);
    expect.fail(`${what}: expected a NuthatchError, caught ${shown}`);
  }
  if (!codes.includes(error.code)) {
    expect.fail(`${what}: expected ${codes.join(' or ')}, found ${error.code}: ${error.message}`);
  }
  if (error.message === '' || unfit.test(error.message)) {
    expect.fail(`${what}: an unfit message ${JSON.stringify(error.message)}`);
  }
  return error;
}

export const refusals: readonly ErrorCode[] = [
  'malformed',
  'invalid-model',
  'unsupported',
  'unsupported-version',
  'limit-exceeded',
];

/**
 * The oracle for a changed .nut file: refused with a typed error that names a place, or loaded and then, row for row, with the
 * answers that the reference evaluator gives for `plain`, the changed model as plain data.
 */
export function judgeNut(
  what: string,
  bytes: Uint8Array,
  plain: () => Readonly<Record<string, unknown>>,
  rowsOf: () => readonly (readonly unknown[])[],
  codes: readonly ErrorCode[] = refusals,
): Verdict {
  const whole = attempt(what, codes, () => readNut(bytes));
  const outcome = attempt(what, codes, () => load(bytes));
  if ('error' in outcome) {
    const { code, path } = outcome.error;
    if (path === '') expect.fail(`${what}: an error without a place: ${outcome.error.message}`);
    if (!('error' in whole)) expect.fail(`${what}: valid as a whole, but refused to run`);
    return { code, path };
  }
  const model = outcome.value;
  try {
    compareWithReference(what, model, plain(), rowsOf());
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      expect.fail(`${what}: accepted, but the reference cannot evaluate it: ${error.stack}`);
    throw error;
  }
  if (!('error' in whole)) return { code: 'accepted', path: '' };
  // Golden rows and provenance are checked where a file is converted or verified, not where it runs.
  const { code, path } = whole.error;
  if (!/^model\.(golden|provenance|reference)/.test(path))
    expect.fail(`${what}: refused as a whole at ${path}, but run`);
  return { code, path };
}

type Method = (X: unknown) => unknown;

/** What a model may say of a row that has the right width. */
const rowRefusals: readonly ErrorCode[] = [
  'input-not-finite',
  'input-range',
  'input-category',
  'input-type',
];

/** Asks the model for every method of every row, and compares its answers with the reference's. */
export function compareWithReference(
  what: string,
  model: Model,
  plain: Readonly<Record<string, unknown>>,
  rows: readonly (readonly unknown[])[],
): void {
  if (model.task === 'transformer') compareTransformer(what, model, plain, rows);
  else compareScorer(what, model, plain, rows);
}

function compareTransformer(
  what: string,
  model: Transformer,
  plain: Readonly<Record<string, unknown>>,
  rows: readonly (readonly unknown[])[],
): void {
  // The reference takes exp and log from the engine, and adds products up in order.
  const exact =
    !/"operation":"(exp|log|ndtr|box|yeo|inverse)|"kind":"(pursuit|donors|factorization|linear|kernel|count-sketch)"|"metric":"minkowski"/.test(
      JSON.stringify(plain.root),
    );
  const kept: (readonly unknown[])[] = [];
  const expected: Cells[] = [];
  for (const row of rows) {
    const wanted = transformed(plain, row, false);
    const answer = attempt(what, rowRefusals, () => cellsOf(model.transform([row] as never)));
    if (wanted === null || 'error' in answer) {
      if (wanted !== null || !('error' in answer)) failRefusal(what, row, wanted === null);
      continue;
    }
    kept.push(row);
    expected.push(wanted);
    compareCells(what, answer.value[0]!, wanted, exact);
  }
  cellsOf(model.transform(kept as never)).forEach((cells, i) => {
    compareCells(what, cells, expected[i]!, exact);
  });
  if ((plain.input as { type: string }).type !== 'matrix') return;
  for (const row of kept) {
    const data = Float32Array.from(row as number[]);
    const wanted = transformed(plain, row, true);
    const X = { data, rows: 1, cols: data.length };
    const answer = attempt(what, rowRefusals, () => cellsOf(model.transform(X)));
    if (wanted === null || 'error' in answer) {
      if (wanted !== null || !('error' in answer)) failRefusal(what, row, wanted === null);
    } else compareCells(`${what}, float32`, answer.value[0]!, wanted, exact);
  }
}

function failRefusal(what: string, row: readonly unknown[], wanted: boolean): never {
  return expect.fail(`${what}: row ${row.map(String)} is ${wanted ? '' : 'not '}to be refused`);
}

type Cells = readonly (number | string | null)[];

function cellsOf(answer: ReturnType<Transformer['transform']>): Cells[] {
  if (answer instanceof SparseMatrix) checkCompressed(answer);
  return answer instanceof Matrix || answer instanceof SparseMatrix ? answer.toArray() : answer;
}

function checkCompressed({ data, indices, indptr, rows, cols }: SparseMatrix): void {
  expect([indptr.length, indptr[0], indptr[rows]]).toEqual([rows + 1, 0, data.length]);
  expect(indices.length).toBe(data.length);
  for (let row = 0; row < rows; row++) {
    const own = Array.from(indices.subarray(indptr[row], indptr[row + 1]));
    expect(new Set(own).size).toBe(own.length);
    expect(own.every((col) => col >= 0 && col < cols)).toBe(true);
  }
}

function compareCells(what: string, found: Cells, wanted: Cells, exact: boolean): void {
  const texts = (cells: Cells) => cells.map((cell) => (typeof cell === 'number' ? 0 : cell));
  const numbers = (cells: Cells) => cells.map((cell) => (typeof cell === 'number' ? cell : 0));
  if (JSON.stringify(texts(found)) !== JSON.stringify(texts(wanted)))
    expect.fail(`${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
  compare(what, numbers(found), numbers(wanted), exact);
}

function compareScorer(
  what: string,
  model: Exclude<Model, Transformer>,
  plain: Readonly<Record<string, unknown>>,
  rows: readonly (readonly unknown[])[],
): void {
  const node = answeringNode(plain.root as Readonly<Record<string, unknown>>);
  const head = node.head as Record<string, unknown>;
  const exact =
    node.kind === 'trees' &&
    (node.isolation ?? null) === null &&
    !/"operation":"(exp|log|ndtr|box|yeo|inverse)/.test(JSON.stringify(plain.root));
  // Also where a part asks such trees.
  const isSingle = /"sums":"float32"/.test(JSON.stringify(plain.root));
  const tolerance = node.coefficients instanceof Float32Array || isSingle ? 3e-7 : 1e-9;
  const methods = model as unknown as Record<string, Method | undefined>;
  const isMatrixInput = (plain.input as { type: string }).type === 'matrix';
  const kept: unknown[][] = [];
  const expected: number[][] = [];
  const choices: number[][] = [];
  for (const row of rows) {
    const scores = rawScores(plain, row);
    const answer = attempt(what, rowRefusals, () => model.raw([row] as never).toArray()[0]!);
    if (scores === null || 'error' in answer) {
      if (scores !== null || !('error' in answer)) failRefusal(what, row, scores === null);
      continue;
    }
    const choice = choiceScores(plain, row);
    // What chooses may refuse a row that is scored.
    if (choice === null) continue;
    // Finite leaves, weights and rows give no NaN, short of an overflow that no file here has.
    if (exact && scores.some(Number.isNaN)) expect.fail(`${what}: accepted, and answers NaN`);
    // A row of items is no list.
    kept.push(Array.isArray(row) ? [...row] : (row as unknown[]));
    expected.push(scores);
    choices.push(choice);
    compare(what, answer.value, scores, exact, tolerance);
  }
  compare(what, Array.from(model.raw(kept as never).data), expected.flat(), exact, tolerance);
  if (kept.length === 0) return;
  if (head.task === 'regressor') {
    const found = methods.predict!(kept);
    // Of the model's own scores: what their last bits are worth grows with exp.
    const wanted =
      head.link === 'identity'
        ? expected.flat()
        : model
            .raw(kept as never)
            .toArray()
            .flatMap((scores) => linked(head, scores, Boolean(node.sums)));
    const same = exact && head.link === 'identity';
    compare(what, numbers(found), wanted, same, tolerance);
    const first = [methods.predictOne!(kept[0])].flat() as number[];
    compare(what, first, wanted.slice(0, first.length), same, tolerance);
  } else if (head.task === 'classifier') {
    const outliers = (head.outlierLabels ?? []) as Record<string, unknown>[];
    const labels = (head.labels as Record<string, unknown>[]).map((own, k) =>
      [own, ...(outliers[k] ? [outliers[k]] : [])].flatMap(labelValues),
    );
    const classes = choices.map((scores) => chosenClasses(head, scores));
    const wanted = classes.map((row) => row.map((index, k) => labels[k]![index]));
    const found = methods.predict!(kept) as unknown[];
    found.forEach((label, row) => {
      // A tie to the last bit may fall either way where scores are dot products.
      if (exact) expect([label].flat(), what).toEqual(wanted[row]);
      [label].flat().forEach((one, k) => {
        if (!labels[k]!.includes(one)) expect.fail(`${what}: ${String(one)} is no class`);
      });
    });
    const into = new Int32Array(kept.length * labels.length);
    (methods as unknown as { predictInto(X: unknown, out: Int32Array): void }).predictInto(
      isMatrixInput
        ? {
            data: Float64Array.from(kept.flat() as number[]),
            rows: kept.length,
            cols: kept[0]!.length,
          }
        : kept,
      into,
    );
    expect(
      found.map((label) => [label].flat()),
      what,
    ).toEqual(
      found.map((_, row) => labels.map((values, k) => values[into[row * labels.length + k]!])),
    );
    if (methods.predictProba !== undefined) {
      const result = methods.predictProba(kept);
      const matrices = result instanceof Matrix ? [result] : (result as Matrix[]);
      const flat = kept.flatMap((_, row) =>
        matrices.flatMap((matrix) => Array.from(matrix.row(row))),
      );
      compare(
        what,
        flat as number[],
        head.probability === 'own' || node.combine === 'one-vs-rest'
          ? kept.flatMap((row) => answered(plain, row, 'predict_proba'))
          : expected.flatMap((scores) =>
              // A sum of which nothing is left but rounding is no divisor to compare by.
              `${head.probability}`.startsWith('normalize') && cancels(scores)
                ? probabilities(head, scores).map(() => Number.NaN)
                : probabilities(head, scores),
            ),
        false,
        tolerance,
      );
    }
  }
  if (methods.apply !== undefined) {
    const found = numbers(methods.apply(kept));
    expect(found, what).toEqual(kept.flatMap((row) => leafIds(plain, row)));
  }
  methods.decisionPath?.(kept);
  const { beside } = plain.root as { readonly beside?: unknown };
  if (beside)
    compareTransformer(what, model as unknown as Transformer, { ...plain, root: beside }, kept);
  else methods.transform?.(kept);
  const margins = methods.decisionFunction?.(kept);
  if (margins && node.kind === 'support-vectors') {
    const wanted = kept.flatMap((row) => answered(plain, row, 'decision_function'));
    compare(what, numbers(margins), wanted, false);
  }
  if (methods.predictLogProba !== undefined && head.logProbability === 'scores') {
    const wanted = expected.flatMap((scores) => probabilities(head, scores).map(Math.log));
    const found = numbers(methods.predictLogProba(kept));
    // Of probabilities that are 0 there are logarithms, too.
    compare(
      what,
      found.map((value, i) => (wanted[i]! < -700 ? wanted[i]! : value)),
      wanted,
      false,
    );
  } else methods.predictLogProba?.(kept);
  if (methods.predictStd !== undefined) {
    const wanted = kept.flatMap((row) => standardDeviations(plain, row));
    compare(what, numbers(methods.predictStd(kept)), wanted, false);
  }
  if (methods.scoreSamples !== undefined) {
    const offset = (head.scoreOffset as ArrayLike<number> | null | undefined)?.[0] ?? 0;
    const wanted = expected.map((scores) =>
      head.joint === 'sum' || head.components ? logSumExp(scores) : scores[0]! + offset,
    );
    compare(what, numbers(methods.scoreSamples(kept)), wanted, false);
  }
}

function cancels(scores: readonly number[]): boolean {
  const sum = scores.reduce((total, score) => total + score, 0);
  return Math.abs(sum) < 1e-9 * scores.reduce((total, score) => total + Math.abs(score), 0);
}

function logSumExp(scores: readonly number[]): number {
  const most = Math.max(...scores);
  return most + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - most), 0));
}

function labelValues(labels: Readonly<Record<string, unknown>>): unknown[] {
  const values = Array.from(labels.values as ArrayLike<unknown>);
  return labels.dtype === 'bool' ? values.map((value) => value === 1) : values;
}

function numbers(value: unknown): number[] {
  return Array.from(value instanceof Matrix ? value.data : (value as ArrayLike<number>));
}

function compare(
  what: string,
  found: readonly number[],
  expected: readonly number[],
  exact: boolean,
  tolerance = 1e-9,
): void {
  if (found.length !== expected.length)
    expect.fail(`${what}: expected ${expected.length} numbers, found ${found.length}`);
  found.forEach((value, i) => {
    const want = expected[i]!;
    if (Object.is(value, want)) return;
    // Beyond the largest float64 the order of a dot product's summation decides between infinity and NaN.
    const close =
      !exact &&
      (!Number.isFinite(want) || Math.abs(value - want) <= tolerance * Math.max(1, Math.abs(want)));
    if (!close) expect.fail(`${what}: expected ${want}, found ${value} at ${i}`);
  });
}
