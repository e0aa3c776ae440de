import { type MethodName, methodNames } from 'nuthatch';
import { type GoldenSet, goldenCell } from 'nuthatch/ir';

/** The rows of a golden set, cell by cell: as many as `most`. */
export const rowsOf = ({ input }: GoldenSet, most: number): unknown[][] =>
  Array.from({ length: Math.min(input.rows, most) }, (_, row) =>
    Array.from({ length: input.columns }, (_, col): unknown =>
      input.type === 'matrix'
        ? input.data[row * input.columns + col]
        : goldenCell(input.values[col]!, row),
    ),
  );

/** What a method of a model answers, one value after another; the code of the error where it refuses. */
export function answerOf(model: object, name: MethodName, rows: unknown): unknown[] {
  try {
    const run = (model as Readonly<Record<string, unknown>>)[methodNames[name]] as (
      X: unknown,
    ) => unknown;
    return flatten(run(rows));
  } catch (error) {
    return [(error as { code?: unknown }).code ?? error];
  }
}

/** Values of whatever a method gives, in order. Those of a module are of classes of its own. */
export function flatten(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (Array.isArray(value)) return value.flatMap(flatten);
  return Object.values(value).flatMap(flatten);
}

export const sameValues = (a: readonly unknown[], b: readonly unknown[]): number =>
  a.length === b.length ? a.filter((value, i) => Object.is(value, b[i])).length : 0;
