import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelDescription } from '../../src/index.js';
import { createModel } from '../../src/index.js';
import type { GoldenColumns, GoldenPart, GoldenSet } from '../../src/ir/index.js';
import type { MethodName } from '../../src/model.js';
import { Matrix } from '../../src/result.js';
import { verify } from '../../src/verify.js';

/** What onnxruntime answered to rows: see fixtures/onnx/make.py. */
export interface Answers {
  readonly versions: Readonly<Record<string, string>>;
  readonly rule: Rule;
  /** The module and the class of the estimator that the file is of, or where else it is from. */
  readonly source: string;
  readonly dtype: 'float32' | 'float64';
  readonly rows: readonly (readonly Cell[])[];
  readonly outputs: Readonly<Record<string, { readonly dtype: string; readonly values: Values }>>;
}

/**
 * How far numbers may be from onnxruntime's; labels are identical, but where a dot product decides a tie.
 *
 * * `exact`: not at all.
 * * `logistic`: by two steps of 2⁻²⁴. Both follow the same operations in float32, of an exp that either may round otherwise: a step of it is half
 *   a step of v = 1/(1 + e), and each of the two operations after it may then round otherwise, too.
 * * `softmax`: by (n + 5)/2 float32 steps for n classes: one of the exp, one of the sum's exps, half a step for each sum, one for the quotient.
 * * `norm`: by n + 1 float32 steps for n columns: onnxruntime adds up floats in order and takes roots of quotients; we add up doubles.
 * * `dot`: by the bound of dot products, as `verify` has it, and what links make of it.
 * * `sigmoid`: by that and 4 · 2⁻²⁴ more, for probabilities that go through onnxruntime's approximation of the logistic function.
 * * `refused`: the file is not read.
 * * `mlas`: functions that onnxruntime approximates: 5 float32 steps, or 5 · 2⁻²⁴ where that is more, tanh being up to 3.93 off; see fixtures/onnx/measure.py.
 */
export type Rule =
  | 'exact'
  | 'logistic'
  | 'softmax'
  | 'norm'
  | 'dot'
  | 'sigmoid'
  | 'mlas'
  | 'refused';
type Cell = number | string;
type Values = readonly Cell[] | readonly (readonly Cell[])[];

export const readAnswers = (folder: string): Answers =>
  JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Answers;

/** A number, also one that JSON has no word for. */
const numberOf = (cell: Cell): number =>
  cell === 'inf' ? Infinity : cell === '-inf' ? -Infinity : Number(cell);

/** One output of a graph, compared. */
export interface Comparison {
  readonly method: MethodName;
  readonly isLabel: boolean;
  readonly values: number;
  readonly identical: number;
  /** The largest difference by its rule: 1 is what is allowed. */
  readonly worst: number;
  /** Values that are further off, and labels that are others. */
  readonly failed: number;
  /** Labels that hang on a dot product's last bits. */
  readonly ties: number;
}

export function compareAnswers(description: ModelDescription, answers: Answers): Comparison[] {
  const model = createModel(description);
  const methods = model as unknown as Readonly<Record<string, (X: unknown) => unknown>>;
  const set = goldenSet(description, answers, (isFloat) => {
    if (!isFloat || model.task === 'regressor') return 'predict';
    if (model.task === 'transformer') return 'transform';
    if (methods.predictProba) return 'predict_proba';
    if (methods.decisionFunction) return 'decision_function';
    return methods.transform ? 'transform' : 'predict';
  });
  const X =
    set.input.type === 'matrix'
      ? { data: set.input.data, rows: set.input.rows, cols: set.input.columns }
      : answers.rows;
  const names = {
    predict: 'predict',
    transform: 'transform',
    predict_proba: 'predictProba',
    decision_function: 'decisionFunction',
  };
  return set.outputs.map((output) => {
    const { method } = output;
    const [part] = output.parts;
    const found = flat(methods[names[method as keyof typeof names]]!(X));
    const { values, shape } = part!;
    const isSame = (value: number | string, i: number) =>
      value === values[i] || (Number.isNaN(value) && Number.isNaN(values[i]));
    const identical = found.filter(isSame).length;
    const isLabel = method === 'predict' && model.task === 'classifier';
    const counts = {
      method: method as MethodName,
      isLabel,
      values: found.length,
      identical,
    };
    if (answers.rule === 'dot' || answers.rule === 'sigmoid') {
      // What the approximation may be off is taken off before the rest is judged.
      const most = answers.rule === 'sigmoid' && method === 'predict_proba' ? 4 * 2 ** -24 : 0;
      const nearer = found.map((value, i) => nearTo(values[i] as number, value as number, most));
      const judged =
        most > 0 ? { ...output, parts: [{ ...part!, values: Float64Array.from(nearer) }] } : output;
      const [one] = verify(description, [{ ...set, outputs: [judged] }]);
      return {
        ...counts,
        worst: one!.worst,
        failed: one!.failed,
        ties: one!.excusedRows.length,
      };
    }
    let failed = found.length === values.length ? 0 : 1;
    let worst = 0;
    found.forEach((value, i) => {
      if (isSame(value, i)) return;
      const want = values[i]!;
      const off =
        typeof want === 'string' || typeof value === 'string'
          ? Infinity
          : Math.abs(want - value) / allowed(answers.rule, shape[1] ?? 1, want);
      if (off <= 1) worst = Math.max(worst, off);
      else failed++;
    });
    return { ...counts, worst, failed, ties: 0 };
  });
}

/** A number, moved by at most so much towards another. */
const nearTo = (from: number, to: number, most: number): number =>
  from + Math.min(Math.max(to - from, -most), most);

/** How far a number may be from what is wanted, in rows of a width. */
function allowed(rule: Rule, width: number, want: number): number {
  if (rule === 'logistic') return 2 * 2 ** -24;
  if (rule === 'softmax') return ((width + 5) / 2) * step(want);
  if (rule === 'norm') return (width + 1) * step(want);
  return rule === 'mlas' ? Math.max(5 * 2 ** -24, 5 * step(want)) : 0;
}

/** A step of float32 at a number. */
const step = (value: number): number =>
  Math.max(2 ** -149, 2 ** (Math.floor(Math.log2(Math.abs(value) || 2 ** -149)) - 23));

function goldenSet(
  { input: spec }: ModelDescription,
  { rows, dtype, outputs }: Answers,
  methodOf: (isFloat: boolean) => MethodName,
): GoldenSet {
  const Floats = dtype === 'float32' ? Float32Array : Float64Array;
  const columns = rows[0]!.length;
  const columnOf = (i: number): GoldenColumns['values'][number] => {
    const cells = rows.map((row) => row[i]!);
    const isText = spec.type === 'columns' && spec.columns[i]?.type === 'string';
    return isText ? (cells as string[]) : Float64Array.from(cells, numberOf);
  };
  return {
    name: 'onnxruntime',
    input:
      spec.type === 'matrix'
        ? {
            type: 'matrix',
            rows: rows.length,
            columns,
            data: new Floats(rows.flat().map(numberOf)),
          }
        : {
            type: 'columns',
            rows: rows.length,
            columns,
            values: Array.from({ length: columns }, (_, i) => columnOf(i)),
          },
    outputs: Object.values(outputs).map((output) => {
      const isFloat = output.dtype.startsWith('float');
      const method = methodOf(isFloat);
      return { method, list: false, parts: [partOf(output.values, isFloat, method)] };
    }),
    environment: {},
  };
}

function partOf(values: Values, isFloat: boolean, method: MethodName): GoldenPart {
  const width = Array.isArray(values[0]) ? values[0].length : 1;
  let cells = (values as readonly unknown[]).flat() as Cell[];
  // Of two classes a decision is one number, of one target there is no matrix.
  const isPair = method === 'decision_function' && width === 2;
  if (isPair) cells = cells.filter((_, i) => i % 2 === 1);
  const isFlat = method !== 'transform' && (width === 1 || isPair);
  const shape = isFlat ? [values.length] : [values.length, width];
  const isText = !isFloat && typeof cells[0] === 'string';
  return {
    shape,
    values: isText ? (cells as string[]) : Float64Array.from(cells, numberOf),
    strings: null,
  };
}

const flat = (answer: unknown): (number | string)[] =>
  answer instanceof Matrix
    ? Array.from(answer.data)
    : (Array.from(answer as ArrayLike<number | string>).flat() as (number | string)[]);
