import Papa from 'papaparse';
import type { PageModel } from '../src/page/reports.js';

/** Text that holds no rows. */
export class PasteError extends Error {}

/**
 * Rows that somebody pasted, as a request's `features`: JSON as it is, also a whole request; CSV with the names of columns in a first
 * line or without; of a model that takes texts, a line each.
 *
 * @throws PasteError
 */
export function readPasted(text: string, model: PageModel): unknown {
  const trimmed = text.trim();
  if (trimmed === '') throw new PasteError('there is nothing in it');
  if (/^[[{"]/.test(trimmed)) return readJson(trimmed);
  if (model.form === 'cells') return trimmed.split(/\r?\n/);
  return readCsv(trimmed, model);
}

function readJson(text: string): unknown {
  try {
    const value = JSON.parse(text);
    return Object.hasOwn(value, 'features') ? value.features : value;
  } catch (error) {
    throw new PasteError(`this is not JSON: ${(error as Error).message}`);
  }
}

/** What programs write for a cell that is missing. */
const gaps = new Set(['', 'nan', 'null', 'none', 'na', 'n/a']);

function readCsv(text: string, { features, columns }: PageModel): unknown {
  const { data, errors } = Papa.parse<string[]>(text, { skipEmptyLines: true });
  const [first] = errors.filter(({ code }) => code !== 'UndetectableDelimiter');
  if (first !== undefined) throw new PasteError(`line ${(first.row ?? 0) + 1}: ${first.message}`);
  const names = new Map(features.map(({ name }, i) => [name, i]));
  const header = data[0]!.map((cell) => cell.trim());
  const isNamed = header.every((cell) => names.has(cell));
  const order = isNamed ? header.map((name) => names.get(name)!) : header.map((_, i) => i);
  const rows = (isNamed ? data.slice(1) : data).map((cells) =>
    cells.map((cell, i) => readCell(cell.trim(), features[order[i] ?? i]?.type ?? 'number')),
  );
  if (rows.length === 0) throw new PasteError('there are names of columns, and no row');
  if (isNamed && header.length !== columns)
    return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
  return isNamed ? rows.map((row) => inOrder(row, order)) : rows;
}

function inOrder(row: readonly unknown[], order: readonly number[]): unknown[] {
  const sorted: unknown[] = [];
  order.forEach((column, i) => {
    sorted[column] = row[i];
  });
  return sorted;
}

/** What is no number where one should be stays as it is: the server says what is wrong with it. */
function readCell(cell: string, type: PageModel['features'][number]['type']): unknown {
  if (type === 'string') return cell === '' ? null : cell;
  if (gaps.has(cell.toLowerCase())) return null;
  if (type === 'boolean' && /^(true|false)$/i.test(cell)) return cell.toLowerCase() === 'true';
  return Number.isNaN(Number(cell)) ? cell : Number(cell);
}
