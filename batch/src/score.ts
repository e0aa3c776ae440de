import { type MethodName, type Model, NuthatchError } from 'nuthatch';
import { type AnswerPlan, askModel, columnsOfAnswer, planAnswers } from './answers.js';
import { readArrow } from './arrow/read.js';
import { type BadRow, type Batch, type Column, type Given, pickRows, sliceRows } from './batch.js';
import { readCsv } from './csv/read.js';
import { formatCsv } from './csv/write.js';
import { methodOf } from './features.js';
import type { OutputFormat } from './formats.js';
import type { Job, Piece, Scored } from './job.js';
import { readJson } from './json/read.js';
import { formatJson } from './json/write.js';
import { list } from './list.js';
import { readParquet } from './parquet/read.js';
import { SpareMemory } from './spare-memory.js';

/** What reads, answers and writes a piece of the input. */
export async function createScorer(model: Model, job: Job): Promise<(piece: Piece) => Scored> {
  const formatRows = await loadWriter(job.format);
  const plans = job.methods.map((method) => planAnswers(model, method, job.beside));
  const memory = new SpareMemory(1);
  return (piece) => {
    const batch = readPiece(piece, memory);
    const spent = piece.bytes.buffer;
    const { answers, refused, good } = answerRows(model, job, plans, batch);
    const bad = [...batch.bad, ...refused].sort((a, b) => a.row - b.row);
    const { total, lines } = batch;
    if (job.onError === 'stop' && bad.length > 0)
      return { rows: total, lines, written: 0, bad, bytes: new Uint8Array(0), spent };
    const kept = job.onError === 'null' ? batch.kept : pickColumns(batch.kept, good);
    const columns = plans.flatMap((plan, i) => columnsOfAnswer(plan, answers[i]));
    const spread = job.onError === 'null' && good ? spreadColumns(columns, good, total) : columns;
    const written = job.onError === 'null' ? total : (good?.length ?? total);
    const bytes = formatRows(job, plans, [...kept, ...spread], written);
    if (batch.memory) memory.give(batch.memory);
    return { rows: total, lines, written, bad, bytes, spent };
  };
}

/** Reads the rows of a piece; what the model is given may be in `memory`. */
export function readPiece({ bytes, plan, layout }: Piece, memory = new SpareMemory()): Batch {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (plan.format === 'arrow') return readArrow(buffer, plan, layout!, memory);
  if (plan.format === 'parquet') return readParquet(buffer, plan, memory);
  return plan.format === 'csv' ? readCsv(buffer, plan, memory) : readJson(buffer, plan);
}

/** UTF-8 in memory of its own, which can be handed to another thread. */
function ownBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(new ArrayBuffer(Buffer.byteLength(text)));
  bytes.write(text);
  return bytes;
}

/** Writes the rows of an output's columns. */
type Writer = (
  job: Job,
  plans: readonly AnswerPlan[],
  columns: readonly Column[],
  rows: number,
) => Uint8Array<ArrayBuffer>;

/** What writes a format. Arrow's library takes longer to load than small jobs take. */
export async function loadWriter(format: OutputFormat): Promise<Writer> {
  const jsonWriter =
    (around: readonly [string, string]): Writer =>
    (job, plans, columns, rows) =>
      ownBytes(formatJson(columns, rows, job.beside ? null : plans[0]!, around));
  switch (format) {
    case 'csv':
      return (_job, _plans, columns, rows) => ownBytes(formatCsv(columns, rows));
    case 'ndjson':
      return jsonWriter(['', '\n']);
    case 'json':
      return jsonWriter([',', '']);
    case 'arrow':
    case 'arrow-stream': {
      const { formatArrow } = await import('./arrow/write.js');
      return (_job, _plans, columns, rows) => formatArrow(columns, rows);
    }
    case 'parquet': {
      const { formatPages } = await import('./parquet/write.js');
      return (_job, _plans, columns, rows) => formatPages(columns, rows);
    }
  }
}

interface Answered {
  /** What each method answers to the good rows. */
  readonly answers: readonly unknown[];
  readonly refused: readonly BadRow[];
  /** The number in the piece of each row that is answered; null where all are. */
  readonly good: Uint32Array | null;
}

/** Asks the model, without the rows that it refuses. */
function answerRows(
  model: Model,
  { methods, onError }: Job,
  plans: readonly AnswerPlan[],
  batch: Batch,
): Answered {
  const { input, rows, places } = batch;
  const ask = (given: Given, count: number) =>
    plans.map((plan) => askModel(model, plan, given, count));
  try {
    return { answers: ask(input, rows), refused: [], good: places };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const refusals =
      onError === 'stop' ? [locate(error, 0)] : findRefused(model, methods, input, rows);
    const refused = refusals.map(({ row, place, code, message }): BadRow => {
      const at = places?.[row] ?? row;
      return { row: at, place, code, message, byRow: true, ...batch.locate(at) };
    });
    const out = new Set(refusals.map(({ row }) => row));
    const left = Uint32Array.from(list(rows, (row) => row).filter((row) => !out.has(row)));
    const answers = onError === 'stop' ? [] : ask(pickRows(input, left), left.length);
    return { answers, refused, good: left.map((row) => places?.[row] ?? row) };
  }
}

type Refusal = Pick<BadRow, 'row' | 'place' | 'code' | 'message'>;

const isRefusal = (error: unknown): error is NuthatchError =>
  error instanceof NuthatchError && error.code.startsWith('input-');

/** All rows that the model refuses, each with its reason: halves are asked until it is one. */
function findRefused(
  model: Model,
  methods: readonly MethodName[],
  input: Given,
  rows: number,
): Refusal[] {
  const found: Refusal[] = [];
  const search = (start: number, end: number): void => {
    try {
      for (const method of methods) methodOf(model, method)(sliceRows(input, start, end));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (end - start === 1) {
        found.push({ ...locate(error, 0), row: start });
        return;
      }
      const middle = (start + end) >> 1;
      search(start, middle);
      search(middle, end);
    }
  };
  search(0, rows);
  return found;
}

/** The row that an error names, of rows that begin with number `first`; the first where it names none. */
function locate({ code, path, message }: NuthatchError, first: number): Refusal {
  const [head, row] = /^row (\d+)(?:, )?/.exec(path) ?? ['', '0'];
  const reason = path === '' ? message : message.slice(path.length + 2);
  return { row: first + Number(row), place: path.slice(head.length), code, message: reason };
}

const pickColumns = (columns: readonly Column[], rows: Uint32Array | null): readonly Column[] =>
  rows === null
    ? columns
    : columns.map((column) => ({
        ...column,
        values: list(rows.length, (i) => column.values[column.offset + rows[i]! * column.stride]),
        offset: 0,
        stride: 1,
      }));

/** Columns of all rows, with nothing in those that have no answer. */
const spreadColumns = (columns: readonly Column[], good: Uint32Array, rows: number): Column[] =>
  columns.map((column) => {
    const values = new Array<unknown>(rows).fill(null);
    good.forEach((row, i) => {
      values[row] = column.values[column.offset + i * column.stride];
    });
    return { ...column, values, offset: 0, stride: 1 };
  });
