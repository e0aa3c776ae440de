import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { NuthatchError, printable, quote } from '../errors.js';
import type { Cell } from '../input/cell.js';
import { checkColumns } from '../input/records.js';
import type { Row } from '../input/rows.js';
import { createTarget } from '../input/target.js';
import { columnsOf, holdsStrings, type InputSpec, isItemForm } from '../ir/index.js';
import { ioError } from '../node.js';
import { parsePythonJson } from '../python-json.js';
import { type CsvLine, csvNumber, parseCsv } from './csv.js';

export const inputFormats = ['csv', 'json', 'ndjson'] as const;
export type InputFormat = (typeof inputFormats)[number];

/** Rows of a file or of standard input (`-`), ready for a model: arrays or records. */
export async function readRows(
  path: string,
  format: InputFormat | null,
  spec: InputSpec,
): Promise<unknown[]> {
  const whole = path === '-' ? await readAll(process.stdin) : await readText(path);
  const text = whole.replace(/^\ufeff/, '');
  switch (format ?? formatOf(path, text)) {
    case 'csv':
      return csvRows(parseCsv(text), spec);
    case 'ndjson':
      return ndjsonRows(text);
    case 'json':
      return jsonRows(text);
  }
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw ioError('read', path, error);
  }
}

/** By the file's name; without a telling one, by how the text begins. */
function formatOf(path: string, text: string): InputFormat {
  const ending = /\.(csv|json|ndjson|jsonl)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending !== undefined) return ending === 'jsonl' ? 'ndjson' : (ending as InputFormat);
  if (/^\s*\[\s*[[{\]]/.test(text)) return 'json';
  return /^\s*[[{]/.test(text) ? 'ndjson' : 'csv';
}

function jsonRows(text: string): unknown[] {
  const rows = parseJson(text, 'input');
  if (!Array.isArray(rows)) {
    throw new NuthatchError(
      'input-type',
      'input',
      'expected a JSON array of rows or of records; for one record a line use .ndjson',
    );
  }
  return rows;
}

function ndjsonRows(text: string): unknown[] {
  const rows: unknown[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() !== '') rows.push(parseJson(line, `line ${i + 1}`));
  });
  return rows;
}

/** JSON, also as Python writes it: with NaN, which is missing, and infinities. */
export function parseJson(text: string, path: string): unknown {
  try {
    return parsePythonJson(text);
  } catch (error) {
    const message = `this is not JSON: ${printable((error as Error).message)}`;
    throw new NuthatchError('malformed', path, message);
  }
}

/** CSV lines as rows in the model's column order. With feature names a header is required and matched by name. */
function csvRows(lines: readonly CsvLine[], spec: InputSpec): Row[] {
  const [first] = lines;
  if (first === undefined) return [];
  const { cols, names, unused } = createTarget(spec, 0);
  const types = columnsOf(spec)?.map(({ type }) => type) ?? null;
  const strings = columnsOf(spec)?.map(holdsStrings) ?? [];
  if (types?.some(isItemForm))
    throw new NuthatchError('input-type', 'input', 'items have no CSV; give .json or .ndjson');
  // Without names to match, a first line counts as a header only where no cell is a number: a typing error must not hide a row.
  const hasHeader =
    names !== null || (types === null && first.cells.every((cell) => csvNumber(cell) === null));
  const header = hasHeader ? readHeader(first.cells, names) : null;
  const order = names === null || header === null ? null : matchHeader(header, names, unused);
  const width = header?.length ?? cols;
  const cellAt = (line: number, cell: string, col: number): Cell => {
    // An empty cell is missing.
    if (strings[col]) return cell === '' ? null : cell;
    const value = types?.[col] === 'unused' ? null : csvNumber(cell);
    if (value !== null || types?.[col] === 'unused') return value;
    if (types !== null && /^(true|false)$/i.test(cell)) return cell.length === 4;
    const column = names?.[col] ?? header?.[col];
    const where = column === undefined ? `column ${col}` : `column ${quote(column)}`;
    throw new NuthatchError(
      'input-type',
      `line ${line}, ${where}`,
      `expected a number, found ${quote(cell)}`,
    );
  };
  return lines.slice(hasHeader ? 1 : 0).map(({ line, cells }) => {
    if (cells.length !== width) {
      throw new NuthatchError(
        'input-shape',
        `line ${line}`,
        `expected ${width} values, found ${cells.length}`,
      );
    }
    if (order === null && width !== cols) {
      throw new NuthatchError(
        'input-shape',
        `line ${line}`,
        `the model takes ${cols} columns, the file has ${width}`,
      );
    }
    const row = Array.from({ length: cols }, (_, col) => {
      const position = order === null ? col : order[col]!;
      return position === -1 ? null : cellAt(line, cells[position]!, col);
    });
    return types === null ? Float64Array.from(row as number[]) : row;
  });
}

/** Spaces around a name are a person's, except where the model's own names have them. */
function readHeader(cells: readonly string[], names: readonly string[] | null): readonly string[] {
  const exact = new Set(cells);
  return names?.every((name) => exact.has(name)) ? cells : cells.map((cell) => cell.trim());
}

/** The position of each name in the header; −1 for columns that need not be there, and are not. */
function matchHeader(
  header: readonly string[],
  names: readonly string[],
  unused: readonly boolean[] | null,
): number[] {
  const positions = new Map(header.map((name, i) => [name, i]));
  if (positions.size !== header.length)
    throw new NuthatchError('input-columns', 'line 1', 'a column name appears twice');
  const order = names.map((name) => positions.get(name) ?? -1);
  checkColumns(header, { names, unused }, 'line 1');
  return order;
}
