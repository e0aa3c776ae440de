import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createModel, type ModelDescription, NuthatchError } from '../../src/index.js';
import { type GoldenColumns, type GoldenSet, inputNames } from '../../src/ir/index.js';
import type { Matrix } from '../../src/result.js';
import { verify } from '../../src/verify.js';

/** What jpmml-evaluator answered to rows, and the original library: see fixtures/pmml/make.py. */
export interface Answers {
  readonly rule: Rule;
  readonly names: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** null where the evaluator gave no answer. */
  readonly predict: readonly Cell[];
  readonly predict_proba?: readonly (readonly (number | null)[])[];
  readonly classes?: readonly string[];
  /** Labels of the library that trained the model; null for rows with gaps. */
  readonly original?: readonly Cell[];
}

/**
 * How far numbers may be from jpmml-evaluator's; labels are identical, but where a dot product decides a tie.
 *
 * * `exact`: not at all.
 * * `logistic`: by (2n + 6) · 2⁻⁵³ for n classes: a step of Java's exp and half a step of ours, above and below the line, a rounding of each of n − 1 sums
 *   and of the quotient on both sides. Probabilities are at most 1.
 * * `single`: the same in float32, where jpmml-evaluator raises the float32 nearest to e, whose logarithm is 1 − 3.04 · 10⁻⁸, to a power: less than a
 *   half of 2⁻²⁴ more for probabilities, |x| times that for the exp of x.
 * * `dot`: by the bound of dot products, as `verify` has it, and what links make of it.
 */
export type Rule = 'exact' | 'logistic' | 'single' | 'dot';
type Cell = number | string | null;

export const readAnswers = (folder: string): Answers =>
  JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Answers;

/** One method of a model, compared. */
export interface Comparison {
  readonly method: 'predict' | 'predict_proba';
  readonly values: number;
  readonly identical: number;
  /** The largest difference by its rule: 1 is what is allowed. */
  readonly worst: number;
  /** What is further off, labels that are others, and rows that only one of both answers. */
  readonly failures: readonly string[];
  /** Labels that hang on a dot product's last bits, or on votes that are equal. */
  readonly ties: number;
  /** Rows with missing or invalid cells that are refused here alone. */
  readonly refused: number;
}

interface Answered {
  readonly place: number;
  readonly row: readonly Cell[];
  readonly label: string | number | boolean;
  readonly probabilities: readonly number[] | null;
}

export function compareAnswers(description: ModelDescription, answers: Answers): Comparison[] {
  const { input } = description;
  const model = createModel(description) as unknown as {
    predict(X: unknown): ArrayLike<string | number | boolean>;
    predictProba?(X: unknown): Matrix;
    readonly classes?: readonly unknown[];
  };
  const names = inputNames(input)!;
  const places = names.map((name) => answers.names.indexOf(name));
  const failures: string[] = [];
  const answered: Answered[] = [];
  let refused = 0;
  answers.rows.forEach((cells, place) => {
    const row = places.map((at) => cells[at] as Cell);
    const want = answers.predict[place]!;
    try {
      const label = model.predict([row])[0]!;
      const probabilities = model.predictProba
        ? Array.from(model.predictProba([row]).row(0))
        : null;
      if (want === null) failures.push(`row ${place}: expected no answer, found ${label}`);
      else answered.push({ place, row, label, probabilities });
    } catch (error) {
      if (!(error instanceof NuthatchError) || !error.code.startsWith('input-')) throw error;
      if (want === null) return;
      // The evaluator looks at a cell where it is asked for, and not before.
      if (row.includes(null) || /range|category/.test(error.code)) refused++;
      else failures.push(`row ${place}: ${error.message}`);
    }
  });
  const ofNumbers = model.classes === undefined;
  const found = [compareValues(description, answers, answered, failures, refused, ofNumbers)];
  if (answers.predict_proba && model.predictProba)
    found.push(compareProbabilities(answers, answered, model.classes!, description));
  return found;
}

function compareValues(
  description: ModelDescription,
  answers: Answers,
  answered: readonly Answered[],
  failures: string[],
  refused: number,
  ofNumbers: boolean,
): Comparison {
  const { rule, predict, predict_proba: shares, classes } = answers;
  let identical = 0;
  let worst = 0;
  let ties = 0;
  answered.forEach(({ place, label }) => {
    const want = predict[place]!;
    if (String(want) === String(label)) identical++;
    else if (ofNumbers && rule === 'dot') return;
    else if (ofNumbers) {
      const off =
        Math.abs((want as number) - (label as number)) / allowedOfNumber(rule, want as number);
      worst = Math.max(worst, off);
      if (!(off <= 1)) failures.push(`row ${place}: expected ${want}, found ${label}`);
    } else {
      const share = (one: unknown) => shares?.[place]?.[classes!.indexOf(String(one))];
      const gap = Math.abs((share(want) ?? 0) - (share(label) ?? 1));
      if (gap === 0 || (rule === 'dot' && gap < 1e-12)) ties++;
      else failures.push(`row ${place}: expected ${want}, found ${label}`);
    }
  });
  if (ofNumbers && rule === 'dot' && answered.length > 0) {
    const set = goldenSet(
      description,
      answered,
      'predict',
      [answered.length],
      answered.map(({ place }) => predict[place] as number),
    );
    const [one] = verify(description, [set]);
    worst = one!.worst;
    if (one!.failed > 0)
      failures.push(`${one!.failed} numbers: ${JSON.stringify(one!.failures[0])}`);
  }
  return { method: 'predict', values: answered.length, identical, worst, failures, ties, refused };
}

function compareProbabilities(
  { rule, predict_proba: shares, classes }: Answers,
  answered: readonly Answered[],
  own: readonly unknown[],
  description: ModelDescription,
): Comparison {
  const order = own.map((label) => classes!.indexOf(String(label)));
  const wanted = answered.flatMap(({ place }) => order.map((at) => shares![place]![at] as number));
  const found = answered.flatMap(({ probabilities }) => probabilities!);
  const identical = found.filter((value, i) => value === wanted[i]).length;
  const failures: string[] = [];
  const method = 'predict_proba';
  let worst = 0;
  if (rule === 'dot') {
    const [one] = verify(description, [
      goldenSet(description, answered, method, [answered.length, own.length], wanted),
    ]);
    worst = one!.worst;
    if (one!.failed > 0)
      failures.push(`${one!.failed} numbers: ${JSON.stringify(one!.failures[0])}`);
  } else
    found.forEach((value, i) => {
      if (value === wanted[i]) return;
      const off = Math.abs(value - wanted[i]!) / allowed(rule, own.length);
      worst = Math.max(worst, off);
      if (!(off <= 1)) failures.push(`expected ${wanted[i]}, found ${value}`);
    });
  return { method, values: found.length, identical, worst, failures, ties: 0, refused: 0 };
}

/** How far probabilities may be, of so many classes. */
const allowed = (rule: Rule, classes: number): number =>
  rule === 'logistic'
    ? (2 * classes + 6) * 2 ** -53
    : rule === 'single'
      ? (2 * classes + 7) * 2 ** -24
      : 0;

/** How far the exp of a number may be, in float32. */
const allowedOfNumber = (rule: Rule, want: number): number =>
  rule === 'single' ? want * (Math.abs(Math.log(want)) * 3.05e-8 + 2 ** -23) : 0;

function goldenSet(
  { input }: ModelDescription,
  answered: readonly Answered[],
  method: Comparison['method'],
  shape: readonly number[],
  values: readonly number[],
): GoldenSet {
  const rows = answered.length;
  const columns = answered[0]!.row.length;
  const columnOf = (i: number): GoldenColumns['values'][number] =>
    input.type === 'columns' && input.columns[i]!.type === 'string'
      ? answered.map(({ row }) => row[i] as string)
      : Float64Array.from(answered, ({ row }) => (row[i] ?? Number.NaN) as number);
  return {
    name: 'jpmml-evaluator',
    input:
      input.type === 'matrix'
        ? {
            type: 'matrix',
            rows,
            columns,
            data: Float64Array.from(
              answered.flatMap(({ row }) => row.map((cell) => (cell ?? Number.NaN) as number)),
            ),
          }
        : {
            type: 'columns',
            rows,
            columns,
            values: Array.from({ length: columns }, (_, i) => columnOf(i)),
          },
    outputs: [
      { method, list: false, parts: [{ shape, values: Float64Array.from(values), strings: null }] },
    ],
    environment: {},
  };
}

/** Labels that the library which trained the model answers otherwise. */
export function othersThanOriginal(description: ModelDescription, answers: Answers): string[] {
  const { original, predict } = answers;
  const { failures } = compareAnswers(description, {
    ...answers,
    predict: predict.map((one, i) => original?.[i] ?? one),
  })[0]!;
  return [...failures];
}
