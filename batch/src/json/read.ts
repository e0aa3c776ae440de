import { parsePythonJson } from 'nuthatch/python-json';
import type { BadRow, Batch, Column } from '../batch.js';
import { findElements } from './elements.js';
import type { JsonPlan } from './plan.js';

/** One value that stands in a piece. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly line: number | null;
}

/** Reads whole lines, or whole elements of an array, each with its comma but for the last. */
export function readJson(bytes: Buffer, plan: JsonPlan): Batch {
  const { places, lines } = plan.format === 'ndjson' ? linesOf(bytes) : elementsOf(bytes);
  const textOf = ({ start, end }: Place): string => bytes.toString('utf8', start, end).trim();
  const rows: unknown[] = [];
  const all: unknown[] = [];
  const good: number[] = [];
  const bad: BadRow[] = [];
  places.forEach((place, row) => {
    const text = textOf(place);
    try {
      const value = parsePythonJson(text);
      all.push(value);
      rows.push(value);
      good.push(row);
    } catch (error) {
      all.push(null);
      const message = `this is not JSON: ${(error as Error).message}`;
      bad.push({
        row,
        line: place.line,
        code: 'malformed',
        place: '',
        message,
        byRow: false,
        text,
      });
    }
  });
  return {
    total: places.length,
    lines,
    rows: rows.length,
    input: plan.kept.length > 0 ? rows.map((row) => withoutKept(row, plan)) : rows,
    memory: null,
    places: bad.length > 0 ? Uint32Array.from(good) : null,
    kept: keptColumns(all, plan),
    bad,
    locate: (row) => ({ line: places[row]!.line, text: textOf(places[row]!) }),
  };
}

function linesOf(bytes: Buffer): { places: Place[]; lines: number } {
  const places: Place[] = [];
  let line = 0;
  for (let start = 0; start < bytes.length; line++) {
    const found = bytes.indexOf(10, start);
    const end = found === -1 ? bytes.length : found;
    if (!isBlank(bytes, start, end)) places.push({ start, end, line });
    start = end + 1;
  }
  return { places, lines: line };
}

/** Whether there is nothing but JSON's white space: other controls are a row that is none. */
function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte !== 32 && byte !== 13 && byte !== 10 && byte !== 9) return false;
  }
  return true;
}

function elementsOf(bytes: Buffer): { places: Place[]; lines: number } {
  const { ends } = findElements(bytes, Number.POSITIVE_INFINITY);
  let start = 0;
  const places: Place[] = ends.map((end) => {
    const place = { start, end: end - 1, line: null };
    start = end;
    return place;
  });
  if (!isBlank(bytes, start, bytes.length)) places.push({ start, end: bytes.length, line: null });
  return { places, lines: 0 };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A record without what goes beside the answers and is no column of the model's. */
function withoutKept(row: unknown, { names, kept }: JsonPlan): unknown {
  if (!isRecord(row) || names === null) return row;
  const own = new Set(names);
  const beside = new Set(kept.map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => own.has(name) || !beside.has(name)),
  );
}

/** What goes beside answers: of records by name, of arrays by number. */
function keptColumns(rows: readonly unknown[], { kept, names }: JsonPlan): Column[] {
  return kept.map(({ name, type }) => ({
    name,
    type,
    values: rows.map((row) => {
      if (Array.isArray(row)) return row[names ? names.indexOf(name) : Number(name)] ?? null;
      return isRecord(row) && Object.hasOwn(row, name) ? row[name] : null;
    }),
    offset: 0,
    stride: 1,
  }));
}
