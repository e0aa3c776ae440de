import type { Worker } from 'node:worker_threads';
import { type MethodName, type Model, NuthatchError } from 'nuthatch';
import { checkCompression } from './compress.js';
import type { Kept } from './csv/plan.js';
import type { InputFormat, OutputFormat } from './formats.js';
import { type Identity, identifyInputs } from './identity.js';
import { findSources, type Source, sizeOf } from './inputs.js';
import type { ErrorRule, Job } from './job.js';
import { type Checkpoint, Journal } from './journal.js';
import { finishPartial, placeOf } from './output.js';
import { openOutputs, type Places } from './outputs.js';
import { runJob } from './run.js';
import { mostThreads, usualThreads } from './start-thread.js';
import { openThreads } from './threads.js';

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
  /** Threads that score, the calling one among them; null: as many as there are cores. */
  readonly threads: number | null;
  /** What tells the model and this release from others, such as a digest; without it, what ends early cannot be continued. */
  readonly fingerprint?: string | null;
  /** Whether to continue an output that an earlier run left unfinished, if there is one. */
  readonly resume?: boolean;
  readonly progress?: (done: Progress) => void;
  /** Ends the job early. */
  readonly signal?: AbortSignal;
}

/** How far a job is. */
export interface Progress {
  readonly rows: number;
  readonly rejected: number;
  /** Bytes of the input that were read for these rows, and all of them; null where that is not known. */
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
  /** Rows, of these, that an earlier run had done. */
  readonly resumed: number;
  /** Whether all is done; else it was told to end, and a later run can continue what it wrote or has to begin again. */
  readonly end: 'done' | 'resumable' | 'given up';
}

/**
 * Reads rows from files, asks the model, and writes what it answers, in the order of the input. Memory depends on the sizes of pieces and the number of
 * threads, never on that of the input.
 *
 * `started` are threads of `startThreads`, which end with it.
 *
 * Files appear when they are whole. What is left of them when the process is killed, or told to end, a later run continues with `resume`.
 *
 * @throws NuthatchError `input-…` and `malformed` with the place of the first bad row, `io`, `truncated`, `limit-exceeded`, `usage`
 */
export async function predictFiles(
  options: PredictOptions & { readonly started?: readonly Worker[] },
): Promise<Summary> {
  const { model, methods, columns, to, onError } = options;
  const threads = options.threads ?? usualThreads();
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    throw new NuthatchError('usage', 'threads', `expected an integer from 1 to ${mostThreads}`);
  if (options.output !== null) checkCompression(options.output, to);
  if (options.rejects !== null) checkCompression(options.rejects, 'ndjson');
  const sources = await findSources(options.inputs);
  const places = await placesOf(options);
  const { journal, earlier } = await openJournal(options, sources, places);
  const resumed = earlier?.total.rows ?? 0;
  if (earlier?.whole) {
    for (const path of [places.rejects, places.output]) if (path) await finishPartial(path);
    await journal?.remove();
    return { ...earlier.total, resumed, end: 'done' };
  }
  const outputs = await openOutputs(places, journal, earlier);
  const beside = methods.length > 1 || columns.length > 0;
  const job: Job = { methods, format: to, beside, onError };
  const pool = openThreads(model, job, threads, sizeOf(sources), options.started);
  try {
    const found = await runJob(options, job, sources, pool, outputs, earlier);
    const { state, isDone } = found;
    if (isDone) {
      await outputs.finish(state);
      return { ...state.total, resumed, end: 'done' };
    }
    if (found.canContinue) await outputs.remember(state);
    const canContinue = await outputs.abandon(true);
    return { ...state.total, resumed, end: canContinue ? 'resumable' : 'given up' };
  } catch (error) {
    // What a later run would find again is no reason to keep anything.
    const isPassing = error instanceof NuthatchError && /^(io|threads)$/.test(error.code);
    if (!(await outputs.abandon(isPassing)) || !isPassing) throw error;
    const reason = error.path === '' ? error.message : error.message.slice(error.path.length + 2);
    throw new NuthatchError(
      error.code,
      error.path,
      `${reason}; --resume continues what is written`,
    );
  } finally {
    await pool.close();
  }
}

async function placesOf({ output, rejects, onError }: PredictOptions): Promise<Places> {
  const place = async (path: string | null) => (path === null ? null : placeOf(path));
  if (onError !== 'reject') return { output: await place(output), rejects: null };
  if (rejects === null && output === null)
    throw new NuthatchError('usage', '', 'name a file for bad rows with --rejects');
  return {
    output: await place(output),
    rejects: await place(rejects ?? `${output}.rejects.ndjson`),
  };
}

/** The journal of an output that can be continued, and what an earlier run has done where that is wanted. */
async function openJournal(
  options: PredictOptions,
  sources: readonly Source[],
  { output, rejects }: Places,
): Promise<{ journal: Journal | null; earlier: Checkpoint | null }> {
  const { fingerprint = null, resume = false } = options;
  const stream = sources.find(({ size }) => size === null);
  if (resume && output === null)
    throw new NuthatchError('usage', '', 'only a file can be continued; name it with --output');
  if (resume && stream)
    throw new NuthatchError(
      'usage',
      stream.path,
      'it cannot be read again; give files to continue',
    );
  if (output === null || stream || fingerprint === null) return { journal: null, earlier: null };
  const identity = async (): Promise<Identity> => {
    const { methods, columns, from, to, onError, rejects: named } = options;
    return {
      model: fingerprint,
      options: { methods, columns, from, to, 'on-error': onError, rejects: named },
      inputs: await identifyInputs(sources),
    };
  };
  const found = resume ? await Journal.resume(output, rejects, identity) : null;
  return found ?? { journal: new Journal(output, identity), earlier: null };
}
