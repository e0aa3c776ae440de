import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelDescription } from '../../../src/index.js';
import { createModel } from '../../../src/index.js';
import { Matrix } from '../../../src/result.js';

/** What onnxruntime answered to rows: see fixtures/onnx/make.py. */
export interface Answers {
  readonly versions: Readonly<Record<string, string>>;
  readonly rule: Rule;
  readonly dtype: 'float32' | 'float64';
  readonly rows: readonly (readonly Cell[])[];
  readonly outputs: Readonly<Record<string, { readonly dtype: string; readonly values: Values }>>;
}
export type Rule = 'exact' | 'expit' | 'softmax' | 'norm' | 'dot' | 'mlas';
type Cell = number | string;
type Values = readonly Cell[] | readonly (readonly Cell[])[];

export const readAnswers = (folder: string): Answers =>
  JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Answers;

/** A number, also one that JSON has no word for. */
const numberOf = (cell: Cell): number =>
  cell === 'inf' ? Infinity : cell === '-inf' ? -Infinity : Number(cell);

export interface Comparison {
  readonly method: string;
  readonly values: number;
  readonly identical: number;
  /** Largest difference in steps of float32, and as such. */
  readonly worstSteps: number;
  readonly worst: number;
  readonly wrongLabels: number;
}

export function compareAnswers(description: ModelDescription, answers: Answers): Comparison[] {
  const model = createModel(description) as unknown as Record<string, (X: unknown) => unknown> & {
    task: string;
  };
  const isText = description.input.type !== 'matrix';
  const cells = answers.rows.map((row) => (isText ? row : row.map(numberOf)));
  const X = isText
    ? cells
    : {
        data: (answers.dtype === 'float32' ? Float32Array : Float64Array).from(
          cells.flat() as number[],
        ),
        rows: cells.length,
        cols: cells[0]!.length,
      };
  return Object.values(answers.outputs).map(({ dtype, values }) => {
    const isFloat = dtype.startsWith('float');
    const method = !isFloat
      ? 'predict'
      : model.task === 'transformer'
        ? 'transform'
        : model.task === 'regressor'
          ? 'predict'
          : model.predictProba
            ? 'predictProba'
            : 'decisionFunction';
    const found = flat(model[method]!(X));
    let wanted = (values as readonly unknown[]).flat() as Cell[];
    // Of two classes a decision is one number.
    if (method === 'decisionFunction' && wanted.length === 2 * found.length)
      wanted = wanted.filter((_, i) => i % 2 === 1);
    if (found.length !== wanted.length)
      throw new Error(`${method}: expected ${wanted.length} values, found ${found.length}`);
    let identical = 0;
    let worst = 0;
    let worstSteps = 0;
    let wrongLabels = 0;
    found.forEach((value, i) => {
      if (!isFloat) {
        if (value === wanted[i]) identical++;
        else wrongLabels++;
        return;
      }
      const want = numberOf(wanted[i]!);
      if (want === value || (Number.isNaN(want) && Number.isNaN(value))) {
        identical++;
        return;
      }
      const off = Math.abs(want - (value as number));
      worst = Math.max(worst, Number.isNaN(off) ? Infinity : off);
      worstSteps = Math.max(worstSteps, Number.isNaN(off) ? Infinity : off / step(want));
    });
    return { method, values: found.length, identical, worst, worstSteps, wrongLabels };
  });
}

/** A step of float32 at a number. */
const step = (value: number): number =>
  Math.max(2 ** -149, 2 ** (Math.floor(Math.log2(Math.abs(value) || 2 ** -149)) - 23));

const flat = (answer: unknown): (number | string)[] =>
  answer instanceof Matrix
    ? Array.from(answer.data)
    : (Array.from(answer as ArrayLike<number | string>).flat() as number[]);
