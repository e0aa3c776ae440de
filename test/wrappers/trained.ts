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
  readonly rows: string;
  readonly columns: number;
  readonly answers: Readonly<Record<string, Encoded | readonly Encoded[]>>;
}

const partOf = ({ shape, numbers, strings }: Encoded): GoldenPart => ({
  shape,
  values: strings ?? numbersOf(numbers!),
  strings: null,
});

export function goldenOf({ rows: text, columns, answers }: Answered): GoldenSet {
  const data = numbersOf(text);
  return {
    name: 'rows',
    input: { type: 'matrix', rows: data.length / columns, columns, data },
    outputs: Object.entries(answers).map(([method, found]) => ({
      method,
      list: Array.isArray(found),
      parts: [found].flat().map((one) => partOf(one as Encoded)),
    })),
    environment: {},
  };
}
