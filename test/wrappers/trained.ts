import type { GoldenPart, GoldenSet } from '../../src/ir/index.js';
import { numbersOf } from '../boosting/answers.js';

/** An array as train.py of fixtures/wrappers writes it. */
interface Encoded {
  readonly shape: readonly number[];
  readonly numbers?: string;
  readonly strings?: readonly string[];
}

/** Rows, and what an estimator answers to them. */
export interface Answered {
  /** Of a matrix, with the number of its columns. */
  readonly rows?: string;
  readonly columns?: number;
  /** The columns of a DataFrame. */
  readonly table?: readonly {
    readonly name: string;
    readonly numbers?: string;
    readonly strings?: readonly (string | null)[];
  }[];
  readonly answers: Readonly<Record<string, Encoded | readonly Encoded[]>>;
}

const partOf = ({ shape, numbers, strings }: Encoded): GoldenPart => ({
  shape,
  values: strings ?? numbersOf(numbers!),
  strings: null,
});

function inputOf({ rows, columns, table }: Answered): GoldenSet['input'] {
  if (table === undefined) {
    const data = numbersOf(rows!);
    return { type: 'matrix', rows: data.length / columns!, columns: columns!, data };
  }
  const values = table.map(({ numbers, strings }) => strings ?? numbersOf(numbers!));
  return { type: 'columns', rows: values[0]!.length, columns: values.length, values };
}

export const goldenOf = (answered: Answered): GoldenSet => ({
  name: 'rows',
  input: inputOf(answered),
  outputs: Object.entries(answered.answers).map(([method, found]) => ({
    method,
    list: Array.isArray(found),
    parts: [found].flat().map((one) => partOf(one as Encoded)),
  })),
  environment: {},
});
