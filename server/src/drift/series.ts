import type { MethodName } from 'nuthatch';
import {
  binOf,
  type CountedCell,
  type NumberStatistics,
  numberOf,
  type Reference,
  type ValueStatistics,
} from 'nuthatch/reference';
import type { ServedModel } from '../served-model.js';

/** A column of the input, or of answers, that drift is measured of. */
export interface Series {
  /** As people and metrics call it: a feature's name or number, `predict()`, `predict_proba()[setosa]`. */
  readonly name: string;
  /** Of a feature. */
  readonly column: number | null;
  /** Of an answer. */
  readonly answer: { readonly method: MethodName; readonly column: number } | null;
  readonly statistics: NumberStatistics | ValueStatistics;
  /** The training rows' cells: of each bin, or of each value and of all others. */
  readonly expected: Float64Array;
  /** Into which of them a cell falls; `expected.length` where it is missing. */
  codeOf(cell: CountedCell): number;
}

/** The series of a model, answers first, of which there are `most` at most. */
export function seriesOf(served: ServedModel, reference: Reference, most: number): Series[] {
  const names = served.model.featureNames;
  const series: Series[] = [];
  for (const { method, columns } of reference.answers) {
    columns.forEach((statistics, column) => {
      if (statistics.type === 'none') return;
      const suffix = columns.length === 1 ? '' : `[${classAt(served, column)}]`;
      const answer = { method: method as MethodName, column };
      series.push({ ...make(statistics), name: `${method}()${suffix}`, column: null, answer });
    });
  }
  reference.columns.forEach((statistics, column) => {
    if (statistics.type === 'none') return;
    const name = names?.[column] ?? String(column);
    series.push({ ...make(statistics), name, column, answer: null });
  });
  return series.slice(0, most);
}

const classAt = ({ model }: ServedModel, column: number): unknown =>
  model.task === 'classifier' && !model.multiOutput ? (model.classes[column] ?? column) : column;

function make(
  statistics: Series['statistics'],
): Pick<Series, 'statistics' | 'expected' | 'codeOf'> {
  if (statistics.type === 'values') {
    const { values, counts, other } = statistics;
    const places = new Map(values.map((value, i) => [value, i]));
    return {
      statistics,
      expected: Float64Array.from([...counts, other]),
      codeOf: (cell) =>
        cell === null ? values.length + 1 : (places.get(String(cell)) ?? values.length),
    };
  }
  const { edges, counts } = statistics;
  return {
    statistics,
    expected: Float64Array.from(counts),
    codeOf: (cell) => {
      const number = numberOf(cell);
      return Number.isNaN(number) ? counts.length : binOf(edges, number);
    },
  };
}
