import { expect } from 'vitest';
import { readNut } from '../../formats/nut/index.js';
import { asPredictor, type ErrorCode, load, NuthatchError } from '../../src/index.js';
import type { Predictor } from '../../src/model.js';
import { Matrix } from '../../src/result.js';
import {
  answeringNode,
  chosenClasses,
  leafIds,
  probabilities,
  rawScores,
  standardDeviation,
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
  rowsOf: (model: Predictor) => readonly (readonly number[])[],
  codes: readonly ErrorCode[] = refusals,
): Verdict {
  const whole = attempt(what, codes, () => readNut(bytes));
  const outcome = attempt(what, codes, () => asPredictor(load(bytes)));
  if ('error' in outcome) {
    const { code, path } = outcome.error;
    if (path === '') expect.fail(`${what}: an error without a place: ${outcome.error.message}`);
    if (!('error' in whole)) expect.fail(`${what}: valid as a whole, but refused to run`);
    return { code, path };
  }
  const model = outcome.value;
  const { root } = plain() as { root: Record<string, unknown> };
  try {
    compareWithReference(what, model, root, rowsOf(model));
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

/** Asks the model for every method of every row, and compares scores, labels and probabilities with the reference's. */
export function compareWithReference(
  what: string,
  model: Predictor,
  root: Readonly<Record<string, unknown>>,
  rows: readonly (readonly number[])[],
): void {
  const node = answeringNode(root);
  const head = node.head as Record<string, unknown>;
  const exact = node.kind === 'trees';
  const methods = model as unknown as Record<string, Method | undefined>;
  const kept: number[][] = [];
  const expected: number[][] = [];
  for (const row of rows) {
    const scores = rawScores(root, row);
    const answer = attempt(what, ['input-not-finite'], () => model.raw([row]).toArray()[0]!);
    if (scores === null || 'error' in answer) {
      if (scores !== null || !('error' in answer))
        expect.fail(`${what}: row ${row} is ${scores === null ? '' : 'not '}to be refused`);
      continue;
    }
    // Finite leaves, weights and rows give no NaN, short of an overflow that no file here has.
    if (exact && scores.some(Number.isNaN)) expect.fail(`${what}: accepted, and answers NaN`);
    kept.push([...row]);
    expected.push(scores);
    compare(what, answer.value, scores, exact);
  }
  compare(what, Array.from(model.raw(kept).data), expected.flat(), exact);
  if (kept.length === 0) return;
  if (head.task === 'regressor') {
    const found = methods.predict!(kept);
    // Of the model's own scores: what their last bits are worth grows with exp.
    const wanted =
      head.link === 'exp' ? Array.from(model.raw(kept).data, Math.exp) : expected.flat();
    compare(what, numbers(found), wanted, exact);
    const first = [methods.predictOne!(kept[0])].flat() as number[];
    compare(what, first, wanted.slice(0, first.length), exact);
  } else {
    const labels = (head.labels as Record<string, unknown>[]).map(labelValues);
    const classes = expected.map((scores) => chosenClasses(head, scores));
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
      { data: Float64Array.from(kept.flat()), rows: kept.length, cols: kept[0]!.length },
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
        expected.flatMap((scores) => probabilities(head, scores)),
        false,
      );
    }
  }
  if (methods.apply !== undefined) {
    const found = numbers(methods.apply(kept));
    expect(found, what).toEqual(kept.flatMap((row) => leafIds(root, row)));
  }
  methods.decisionPath?.(kept);
  if (methods.predictStd !== undefined) {
    const wanted = kept.map((row) => standardDeviation(root, row));
    compare(what, numbers(methods.predictStd(kept)), wanted, false);
  }
  if (methods.scoreSamples !== undefined) {
    const offset = (head.scoreOffset as ArrayLike<number>)[0]!;
    const wanted = expected.map(([score]) => score! + offset);
    compare(what, numbers(methods.scoreSamples(kept)), wanted, false);
  }
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
): void {
  if (found.length !== expected.length)
    expect.fail(`${what}: expected ${expected.length} numbers, found ${found.length}`);
  found.forEach((value, i) => {
    const want = expected[i]!;
    if (Object.is(value, want)) return;
    // Beyond the largest float64 the order of a dot product's summation decides between infinity and NaN.
    const close =
      !exact &&
      (!Number.isFinite(want) || Math.abs(value - want) <= 1e-9 * Math.max(1, Math.abs(want)));
    if (!close) expect.fail(`${what}: expected ${want}, found ${value} at ${i}`);
  });
}
