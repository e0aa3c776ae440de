import { createModel, type Input, type Model, NuthatchError } from 'nuthatch';
import {
  type Column,
  columnsOf,
  type GoldenSet,
  goldenCell,
  inputColumns,
  inputNames,
  type Known,
  knownValues,
  type ModelDescription,
} from 'nuthatch/ir';

/** A column of a model's input, as a caller needs to know it. */
export interface Feature {
  /** null where the model was fitted without names. */
  readonly name: string | null;
  readonly type: Column['type'];
  /** The values that some encoder knows, and whether any other is an error; null where it takes any. */
  readonly known: Known | null;
  /** Whether a cell may be missing. */
  readonly gaps: boolean;
}

/** Of wider models each column is told to take missing cells: to ask for each would take long. */
const mostProbed = 1000;

export function describeFeatures(description: ModelDescription): Feature[] {
  const { input, root, golden } = description;
  const width = inputColumns(input);
  const names = inputNames(input);
  const columns = columnsOf(input);
  const known = knownValues(root, width);
  const takesGap = width > mostProbed ? () => true : probeGaps(createModel(description), golden);
  return Array.from({ length: width }, (_, i) => {
    const categories = columns?.[i]?.categories;
    return {
      name: names?.[i] ?? null,
      type: columns?.[i]?.type ?? 'number',
      known: known[i] ?? (categories ? { values: categories, closed: true } : null),
      gaps: takesGap(i),
    };
  });
}

/** Whether a column may have a gap in a row that the model answers without. Where there is no such row, every column may. */
function probeGaps(model: Model, golden: readonly GoldenSet[]): (column: number) => boolean {
  const answers = (cells: readonly unknown[]): boolean => {
    try {
      const rows = [cells] as Input;
      if (model.task === 'transformer') model.transform(rows);
      else if (model.task === 'density') model.scoreSamples(rows);
      else model.predict(rows);
      return true;
    } catch (error) {
      if (error instanceof NuthatchError) return false;
      throw error;
    }
  };
  const row = exampleRows(golden).find(answers);
  return (column) => !row || answers(row.with(column, null));
}

/** A few rows of each golden set, cell by cell. */
const exampleRows = (golden: readonly GoldenSet[]): unknown[][] =>
  golden.flatMap(({ input }) =>
    Array.from({ length: Math.min(input.rows, 10) }, (_, row) =>
      Array.from({ length: input.columns }, (_, col): unknown =>
        input.type === 'matrix'
          ? input.data[row * input.columns + col]
          : goldenCell(input.values[col]!, row),
      ),
    ),
  );
