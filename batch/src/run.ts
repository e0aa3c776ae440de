import { setImmediate as nextTurn } from 'node:timers/promises';
import { NuthatchError } from 'nuthatch';
import { planAnswers } from './answers.js';
import { asError, type Before, rejectLine } from './bad-rows.js';
import type { Column, ColumnType } from './batch.js';
import { type Source, sizeOf } from './inputs.js';
import type { Job, Scored } from './job.js';
import { type Joiner, joinPieces } from './join.js';
import type { Checkpoint, State } from './journal.js';
import type { Outputs } from './outputs.js';
import type { PredictOptions } from './predict.js';
import { type Found, readSources } from './read.js';
import { loadWriter } from './score.js';
import { SpareMemory } from './spare-memory.js';
import type { Threads } from './threads.js';

/** Reads, answers and writes piece after piece, from where an earlier run was, until all is done or it is told to end. */
export async function runJob(
  options: PredictOptions,
  job: Job,
  sources: readonly Source[],
  pool: Threads,
  { output, rejects, wrote }: Outputs,
  earlier: Checkpoint | null,
): Promise<{ state: State; isDone: boolean; canContinue: boolean }> {
  const { model, columns, to, onError, signal } = options;
  const plans = job.methods.map((method) => planAnswers(model, method, job.beside));
  const answers = plans.flatMap(({ names, type, categories }) =>
    names.map((name, i) => ({ ...emptyColumn(name, type), categories: categories?.[i] })),
  );
  const size = sizeOf(sources);
  const formatRows = await loadWriter(to);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  signal?.addEventListener('abort', end);
  let bytes = 0;
  const reading = {
    model,
    format: options.from,
    kept: columns,
    typed: to !== 'csv',
    stop: stop.signal,
    memory: new SpareMemory(),
    seen(count: number) {
      bytes += count;
    },
  };
  const total = { rows: 0, written: 0, rejected: 0, unanswered: 0, ...earlier?.total };
  /** The file that is read, and what of it is done. */
  let at = earlier?.source ?? 0;
  let pieces = earlier?.pieces ?? 0;
  let before: { -readonly [Key in keyof Before]: Before[Key] } = {
    rows: 0,
    lines: 0,
    ...earlier?.before,
  };
  let shape = earlier?.shape ?? '';
  let joiner = null as Joiner | null;
  const state = (): State => ({
    source: at,
    pieces,
    before: { ...before },
    total: { ...total },
    shape,
  });

  /** What joins the pieces of the output, of which these columns go beside the answers. */
  function join(kept: readonly Column[]): Joiner {
    const all = [...kept, ...answers];
    const names = all.map(({ name }) => name);
    const empty = () => formatRows(job, plans, all, 0);
    return joinPieces(output, to, names, empty, earlier?.notes ?? []);
  }

  async function put({ plan, skipped, source }: Found, scored: Scored, read: number) {
    if (source !== at) {
      at = source;
      pieces = 0;
      before = { rows: 0, lines: 0 };
    }
    before.lines += skipped;
    const { path } = sources[source]!;
    const { bad, rows, lines, written, bytes: answered } = scored;
    const [worst] = bad;
    if (onError === 'stop' && worst) throw asError(worst, before, sources.length > 1 ? path : null);
    const kept = plan.kept.map(({ name, type }) => emptyColumn(name, type));
    const own = JSON.stringify(kept);
    if (shape === '') shape = own;
    else if (own !== shape)
      throw new NuthatchError(
        'input-columns',
        path,
        'its columns are not those of the file before',
      );
    joiner ??= join(kept);
    if (rejects && bad.length > 0)
      await rejects.write(Buffer.from(bad.map((row) => rejectLine(row, before, path)).join('')));
    const note = await joiner.add(answered);
    reading.memory.give(scored.spent);
    total.rows += rows;
    total.written += written;
    if (onError === 'reject') total.rejected += bad.length;
    else total.unanswered += bad.length;
    before.rows += rows;
    before.lines += lines;
    pieces++;
    wrote(note, joiner.canContinue ? state : null);
    options.progress?.({ rows: total.rows, rejected: total.rejected, bytes: read, size });
  }

  /** The pieces so far, each written when it is scored and those before it are written. */
  let written = Promise.resolve();
  const underWay: Promise<void>[] = [];
  let failure: { readonly reason: unknown } | null = null;
  let giveUp: (reason: unknown) => void = () => undefined;
  const fail = (reason: unknown): void => {
    failure ??= { reason };
    giveUp(reason);
  };
  /** What is waited for, unless something fails before. `Promise.race` with one promise of all failures would keep all pieces in memory. */
  const orFailure = <T>(promise: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      promise.then(resolve, reject);
      if (failure) reject(failure.reason);
    });
  for (const source of sources.slice(0, at)) bytes += source.size!;
  const found = readSources(sources, at, reading);
  /** Pieces of all `bytes`. */
  let cut = 0;
  /** Pieces are the same ones in every run. */
  let done = pieces;
  try {
    while (!signal?.aborted) {
      // Input may pause for long. What is scored is written meanwhile, and what fails ends the job.
      const { value: piece, done: ended } = await orFailure(found.next());
      if (ended) break;
      cut++;
      if (done-- > 0) {
        reading.memory.give(piece.bytes.buffer);
        continue;
      }
      const scored = pool.score(piece, size === null ? undefined : (size / bytes - 1) * cut);
      // It is awaited in its turn, which may come after that of one that fails.
      scored.catch(() => undefined);
      const read = bytes;
      written = written.then(async () => {
        const answered = await scored;
        if (!signal?.aborted) await put(piece, answered, read);
      });
      written.catch(fail);
      underWay.push(written);
      while (underWay.length >= pool.most) await underWay.shift();
      // What other threads have answered is known then.
      await nextTurn();
    }
  } catch (error) {
    // What is wrong with rows before comes first.
    await written;
    // That reading was cut off is no error.
    if (!signal?.aborted) throw error;
  } finally {
    stop.abort();
    // Files are closed when what is under way has come.
    found.return(undefined).catch(() => undefined);
    signal?.removeEventListener('abort', end);
  }
  await written;
  const isDone = !signal?.aborted;
  // Where an earlier run did all pieces, its shape says what columns there are.
  if (isDone) await (joiner ?? join(shape === '' ? [] : JSON.parse(shape))).finish();
  return { state: state(), isDone, canContinue: joiner?.canContinue ?? true };
}

const emptyColumn = (name: string, type: ColumnType): Column => ({
  name,
  type,
  values: [],
  offset: 0,
  stride: 1,
});
