import type { ModelDescription } from 'nuthatch';
import type { Feature } from './signature.js';

type Golden = ModelDescription['golden'][number]['input'];
type Described = Pick<Feature, 'type' | 'values'>;

/** Rows that the model was proved with, those of a person first, those without gaps before others; made up where it has none. */
export function exampleRows(
  { golden }: ModelDescription,
  features: readonly Described[],
): readonly (readonly unknown[])[] {
  const sets = [...golden].sort((a, b) => Number(b.name === 'rows') - Number(a.name === 'rows'));
  const rows = sets.flatMap(({ input }) =>
    Array.from({ length: Math.min(input.rows, mostRows) }, (_, row) =>
      features.map(({ type }, col) => cellOf(input, row, col, type)),
    ),
  );
  const gaps = (row: readonly unknown[]) => row.filter((cell) => cell === null).length;
  return [...rows.sort((a, b) => gaps(a) - gaps(b)), features.map(madeUp)];
}

const mostRows = 20;

function cellOf(input: Golden, row: number, col: number, type: Feature['type']): unknown {
  if (isItems(type)) return type === 'record' ? {} : [];
  const column = input.type === 'columns' ? input.values[col]! : null;
  if (column !== null && 'form' in column) return null;
  const cell =
    column === null
      ? (input as Golden & { type: 'matrix' }).data[row * input.columns + col]
      : column[row];
  if (typeof cell === 'string') return cell;
  if (typeof cell !== 'number' || !Number.isFinite(cell)) return null;
  return type === 'boolean' ? cell !== 0 : cell;
}

function madeUp({ type, values }: Described): unknown {
  if (isItems(type)) return type === 'record' ? {} : [];
  if (values !== null && values.length > 0) return values[0];
  if (type === 'string') return 'text';
  return type === 'boolean' ? false : 0;
}

export const isItems = (type: Feature['type']): boolean =>
  type === 'record' || type === 'pairs' || type === 'list';
