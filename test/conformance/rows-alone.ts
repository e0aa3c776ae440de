import { isDeepStrictEqual } from 'node:util';
import { type Model, methodNames } from '../../src/index.js';
import { type GoldenSet, goldenRow } from '../../src/ir/index.js';
import { Matrix, SparseMatrix } from '../../src/result.js';

const largest = 32;

/** Whether rows alone get the answers that they get in a batch, to the bit, by every method: rows spread over the set. */
export function compareRowsAlone(
  model: Model,
  set: GoldenSet,
): { asked: number; failures: string[] } {
  const failures: string[] = [];
  const rows = rowsOf(set, model.featureNames);
  const step = Math.max(1, Math.floor(rows.length / largest));
  const chosen = rows.filter((_, row) => row % step === 0);
  const { input } = set;
  const single = input.type === 'matrix' && input.data instanceof Float32Array;
  const ask = (some: readonly unknown[], name: string) => {
    const run = (model as unknown as Record<string, (X: unknown) => unknown>)[name]!;
    if (input.type !== 'matrix') return answersOf(run(some));
    const cells = (some as number[][]).flat();
    const data = single ? Float32Array.from(cells) : Float64Array.from(cells);
    return answersOf(run({ data, rows: some.length, cols: input.columns }));
  };
  for (const method of model.methods) {
    if (method === 'decision_path') continue; // asked by itself, and no array
    const together = ask(chosen, methodNames[method]);
    const differing = chosen.flatMap((row, k) =>
      isDeepStrictEqual(ask([row], methodNames[method])[0], together[k]) ? [] : [k * step],
    );
    if (differing.length > 0)
      failures.push(`${method}: rows ${differing.join(', ')} of ${set.name} differ alone`);
  }
  return { asked: chosen.length, failures };
}

/** Rows of cells, or records where columns that are no numbers have names. */
function rowsOf({ input }: GoldenSet, names: readonly string[] | null) {
  const { rows, columns } = input;
  return Array.from({ length: rows }, (_, row) => {
    if (input.type === 'matrix')
      return Array.from(input.data.subarray(row * columns, (row + 1) * columns));
    return goldenRow(input, names, row);
  });
}

/** An answer row by row. */
export function answersOf(answer: unknown): readonly unknown[] {
  if (answer instanceof Matrix || answer instanceof SparseMatrix) return answer.toArray();
  if (Array.isArray(answer) && answer[0] instanceof Matrix) {
    const parts = answer.map((part: Matrix) => part.toArray());
    return parts[0]!.map((_, row) => parts.map((part) => part[row]));
  }
  return Array.from(answer as ArrayLike<unknown>);
}
