import { availableParallelism } from 'node:os';
import { type MethodName, type Model, NuthatchError } from 'nuthatch';
import { planAnswers } from './answers.js';
import type { BadRow, Column, ColumnType } from './batch.js';
import type { Kept } from './csv/plan.js';
import type { InputFormat, OutputFormat } from './formats.js';
import { findSources, type Source } from './inputs.js';
import type { ErrorRule, Job, Scored } from './job.js';
import { type Joiner, joinPieces } from './join.js';
import { type Output, openFile, openStdout } from './output.js';
import { type Found, readSources } from './read.js';
import { loadWriter } from './score.js';
import { openThreads, type Threads } from './threads.js';

/** What is to be done with which files. */
export interface PredictOptions {
  readonly model: Model;
  /** Files, folders, patterns, or `-` for standard input. */
  readonly inputs: readonly string[];
  readonly methods: readonly MethodName[];
  /** Columns of the input that go beside the answers. */
  readonly columns: Kept;
  /** Format of the input; null: by its name, else by its first characters. */
  readonly from: InputFormat | null;
  readonly to: OutputFormat;
  /** A file; null: standard output. */
  readonly output: string | null;
  readonly onError: ErrorRule;
  /** Where rows go under `reject`; null: beside the output. */
  readonly rejects: string | null;
  /** Worker threads; null: as many as there are cores. */
  readonly threads: number | null;
  readonly progress?: (done: Progress) => void;
}

/** How far a job is. */
export interface Progress {
  readonly rows: number;
  readonly rejected: number;
  /** Bytes of the input that were read, and all of them; null where that is not known. */
  readonly bytes: number;
  readonly size: number | null;
}

/** What was done: `rows` = `written` + `rejected`. */
export interface Summary {
  readonly rows: number;
  readonly written: number;
  readonly rejected: number;
  /** Rows whose answers are missing. */
  readonly unanswered: number;
}

/**
 * Reads rows from files, asks the model, and writes what it answers, in the order of the input. Memory depends on the sizes of pieces and the number of
 * threads, never on that of the input.
 *
 * @throws NuthatchError `input-…` and `malformed` with the place of the first bad row, `io`, `truncated`, `limit-exceeded`
 */
export async function predictFiles(options: PredictOptions): Promise<Summary> {
  const { model, methods, columns, to, onError } = options;
  const threads = options.threads ?? Math.min(availableParallelism(), mostThreads);
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    throw new NuthatchError('usage', 'threads', `expected an integer from 1 to ${mostThreads}`);
  const sources = await findSources(options.inputs);
  const beside = methods.length > 1 || columns.length > 0;
  const job: Job = { methods, format: to, beside, onError };
  const pool = openThreads(model, job, threads);
  const opened: Output[] = [];
  const keep = (output: Output): Output => {
    opened.push(output);
    return output;
  };
  try {
    const output = keep(options.output === null ? openStdout() : await openFile(options.output));
    const rejects = onError === 'reject' ? keep(await openFile(rejectsOf(options))) : null;
    const summary = await run(options, job, sources, pool, output, rejects);
    for (const one of opened) await one.finish();
    return summary;
  } catch (error) {
    for (const one of opened) await one.abandon();
    throw error;
  } finally {
    await pool.close();
  }
}

const mostThreads = 64;

function rejectsOf({ output, rejects }: PredictOptions): string {
  if (rejects !== null) return rejects;
  if (output !== null) return `${output}.rejects.ndjson`;
  throw new NuthatchError('usage', '', 'name a file for bad rows with --rejects');
}

async function run(
  options: PredictOptions,
  job: Job,
  sources: readonly Source[],
  pool: Threads,
  output: Output,
  rejects: Output | null,
): Promise<Summary> {
  const { model, columns, to, onError } = options;
  const plans = job.methods.map((method) => planAnswers(model, method, job.beside));
  const answers = plans.flatMap(({ names, type }) => names.map((name) => emptyColumn(name, type)));
  const size = sources.some((source) => source.size === null)
    ? null
    : sources.reduce((sum, source) => sum + source.size!, 0);
  const formatRows = await loadWriter(to);
  const stop = new AbortController();
  let bytes = 0;
  const reading = {
    model,
    format: options.from,
    kept: columns,
    typed: to !== 'csv',
    stop: stop.signal,
    seen(count: number) {
      bytes += count;
    },
  };
  const many = sources.length > 1;
  const total = { rows: 0, written: 0, rejected: 0, unanswered: 0 };
  /** Rows and lines of the file before the piece. */
  let before = { rows: 0, lines: 0 };
  let last: Source | null = null;
  let joiner: Joiner | null = null;
  let shape = '';

  /** What joins the pieces of the output, of which these columns go beside the answers. */
  function join(kept: readonly Column[]): Joiner {
    const all = [...kept, ...answers];
    const empty = () => formatRows(job, plans, all, 0);
    return joinPieces(
      output,
      to,
      all.map(({ name }) => name),
      empty,
    );
  }

  async function put(piece: Found, scored: Scored): Promise<void> {
    const { plan, source, skipped } = piece;
    if (source !== last) before = { rows: 0, lines: 0 };
    last = source;
    before.lines += skipped;
    const [worst] = scored.bad;
    if (onError === 'stop' && worst) throw asError(worst, before, many ? source.path : null);
    const kept = plan.kept.map(({ name, type }) => emptyColumn(name, type));
    const found = JSON.stringify(kept);
    if (joiner === null) {
      joiner = join(kept);
      shape = found;
    } else if (found !== shape)
      throw new NuthatchError(
        'input-columns',
        source.path,
        'its columns are not those of the file before',
      );
    if (rejects && scored.bad.length > 0)
      await rejects.write(
        Buffer.from(scored.bad.map((row) => rejectLine(row, before, source)).join('')),
      );
    await joiner.add(scored.bytes);
    total.rows += scored.rows;
    total.written += scored.written;
    if (onError === 'reject') total.rejected += scored.bad.length;
    else total.unanswered += scored.bad.length;
    before.rows += scored.rows;
    before.lines += scored.lines;
    options.progress?.({ rows: total.rows, rejected: total.rejected, bytes, size });
  }

  /** The pieces so far, each written when it is scored and those before it are written. */
  let written = Promise.resolve();
  const underWay: Promise<void>[] = [];
  let fail: (reason: unknown) => void;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const pieces = readSources(sources, reading);
  try {
    for (;;) {
      // Input may pause for long. What is scored is written meanwhile, and what fails ends the job.
      const next = pieces.next();
      next.catch(() => undefined);
      const { value: found, done } = await Promise.race([next, failed]);
      if (done) break;
      const scored = pool.score(found);
      // It is awaited in its turn, which may come after that of one that fails.
      scored.catch(() => undefined);
      written = written.then(async () => put(found, await scored));
      written.catch((error) => fail(error));
      underWay.push(written);
      while (underWay.length >= pool.most) await underWay.shift();
    }
  } catch (error) {
    // What is wrong with rows before comes first.
    await written;
    throw error;
  } finally {
    stop.abort();
  }
  await written;
  await (joiner ?? join([])).finish();
  return total;
}

const emptyColumn = (name: string, type: ColumnType): Column => ({
  name,
  type,
  values: [],
  offset: 0,
  stride: 1,
});

/** Rows and lines that stand before those of a piece. */
interface Before {
  readonly rows: number;
  readonly lines: number;
}

function asError(bad: BadRow, before: Before, file: string | null): NuthatchError {
  const { row, line, place, code, message, byRow } = bad;
  const where =
    line === null || byRow ? `row ${before.rows + row}` : `line ${before.lines + line + 1}`;
  const path = [file, where, place].filter((part) => part).join(', ');
  return new NuthatchError(code, path, message);
}

/** A bad row as a line of the rejects file. */
function rejectLine(bad: BadRow, before: Before, { path }: Source): string {
  const { row, line, place, code, message, text } = bad;
  return `${JSON.stringify({
    file: path,
    row: before.rows + row,
    ...(line !== null && { line: before.lines + line + 1 }),
    code,
    reason: place === '' ? message : `${place}: ${message}`,
    text,
  })}\n`;
}
