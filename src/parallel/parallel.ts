import { refuse } from '../errors.js';
import { isColumns } from '../input/columns.js';
import { type Value, viewRows } from '../input/dense.js';
import { copyItems, itemsPath } from '../input/items.js';
import { isMatrix } from '../input/matrix.js';
import { type Input, readInput } from '../input/read.js';
import { isRow } from '../input/rows.js';
import { createTarget } from '../input/target.js';
import {
  columnsOf as columnsOfInput,
  isItemForm,
  type Label,
  type RunnableModel,
} from '../ir/index.js';
import { returnScratches, takeScratches } from '../kernels/shared-memory.js';
import { list } from '../list.js';
import {
  type Classifier,
  checkOut,
  type Model,
  type MultiOutputClassifier,
  type Parallel,
  type ParallelOptions,
} from '../model.js';
import { Matrix } from '../result.js';
import { joinAnswers } from './join.js';
import type { RowsMessage, Start, Task } from './message.js';
import { Pool, type StartWorker } from './pool.js';
import { memoryOf, shareModel } from './share.js';
import { Shelf } from './shelf.js';
import { createTurn, rowsTogether, type Turn, writeTurn } from './turn.js';

const mostThreads = 64;
/** A thread is asked for no fewer rows: smaller batches take longer in two threads than in one. */
export const leastRows = 1024;
/** Nor for more at once, so that other calls have their turn. */
const mostRows = 2 ** 16;

/** What runs threads: Node, or a browser. */
export interface Host {
  readonly startWorker: StartWorker;
  readonly cores: number;
}

/** The model in worker threads, which share its memory. */
export async function startParallel<M extends Model>(
  model: M,
  { threads }: ParallelOptions,
  host: Host,
): Promise<Parallel<M>> {
  const count = threads ?? Math.min(Math.max(1, host.cores), mostThreads);
  if (!Number.isInteger(count) || count < 1 || count > mostThreads)
    refuse('usage', 'threads', `expected an integer from 1 to ${mostThreads}`);
  if (typeof SharedArrayBuffer === 'undefined') {
    const headers = 'Cross-Origin-Opener-Policy: same-origin, Cross-Origin-Embedder-Policy';
    const message = `this page may not share memory; serve it with the headers ${headers}: require-corp`;
    refuse('threads', 'parallel', message);
  }
  const [starts, giveBack] = shareForThreads(model.description, count);
  const pool = await Pool.start(host.startWorker, starts).catch((error) => {
    giveBack();
    throw error;
  });
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closed ??= pool.close().then(giveBack);
    return closed;
  };
  return Object.freeze({
    ...inThreads(model, pool, count),
    threads: count,
    close,
    // Older browsers have no such symbol.
    ...(Symbol.asyncDispose && { [Symbol.asyncDispose]: close }),
  }) as unknown as Parallel<M>;
}

/** A model in memory that threads share, as each of them is sent it, and what lets others use their part of it when they have ended. */
export type ForThreads = readonly [starts: readonly Start[], giveBack: () => void];

/** @throws NuthatchError `limit-exceeded` */
export function shareForThreads(given: RunnableModel, count: number): ForThreads {
  const description = shareModel(given);
  const memory = memoryOf(description);
  const scratches = memory ? takeScratches(memory, count) : [];
  const starts = Array.from({ length: count }, (_, i) => ({
    description,
    scratch: scratches[i] ?? null,
  }));
  // Without such a memory there are no scratches, and none to find.
  return [starts, () => returnScratches(memory!, scratches)];
}

/** What the model has, its methods as ones that promise their answers. */
function inThreads(model: Model, pool: Pool, threads: number): Record<string, unknown> {
  const { input } = model.description;
  const view = createTarget(input, 0);
  const shelf = new Shelf();
  const columns = columnsOfInput(input) ?? [];
  const areItems = columns.some(({ type }) => isItemForm(type));

  /** Rows, with nothing in them that cannot be sent. */
  function read(X: unknown): Value {
    const x = readInput(input, X, view);
    if (!areItems) return x;
    const strings = x.strings!.map((cell, i) => {
      const { type } = columns[i % x.cols]!;
      if (!isItemForm(type)) return cell;
      return copyItems(type, cell, itemsPath(x, Math.floor(i / x.cols), i % x.cols));
    });
    return { ...x, strings };
  }

  /** What a method gives to rows, of one part of them after another. */
  async function askParts(method: string, x: Value): Promise<unknown[]> {
    const memory = shelf.take(x.rows * x.cols * x.data.BYTES_PER_ELEMENT);
    const shared = viewOf(memory, x);
    const task = (start: number, end: number, takers = 1, turn: Turn | null = null): Task => ({
      method,
      rows: cutRows(shared, start, end),
      start,
      turn,
      takers,
    });
    const write = (start: number, end: number): void =>
      shared.data.set(x.data.subarray(start * x.cols, end * x.cols), start * x.cols);

    /** Threads are sent rows before these are written: the first are answered while the next are copied. */
    function* shareOut(start: number, end: number, takers: number): Iterable<Task> {
      const turn = createTurn();
      try {
        for (let i = 0; i < takers; i++) yield task(start, end, takers, turn);
      } finally {
        // None may wait for rows for ever.
        writeTurn(turn, end - start, (from, to) => write(start + from, start + to));
      }
    }
    /** Strings are copied by the message that sends them, so each thread gets its own. */
    function* divide(start: number, end: number, takers: number): Iterable<Task> {
      for (const [from, to] of cut(start, end, (end - start) / takers)) {
        write(from, to);
        yield task(from, to);
      }
    }
    function* tasks(): Iterable<Task> {
      const turns = Math.ceil(x.rows / (threads * mostRows));
      for (const [start, end] of cut(0, x.rows, x.rows / turns)) {
        const takers = Math.max(1, Math.min(threads, Math.floor((end - start) / leastRows)));
        yield* x.strings ? divide(start, end, takers) : shareOut(start, end, takers);
      }
    }
    try {
      const shares = await pool.run(tasks(), () => task(0, x.rows));
      return shares.sort(([a], [b]) => a - b).map(([, answer]) => answer);
    } finally {
      shelf.put(memory);
    }
  }
  const ask = async (method: string, x: Value): Promise<unknown> =>
    joinAnswers(await askParts(method, x));

  const methods: Record<string, Method> = {
    ...(model.task === 'classifier' && {
      predict: async (x) => labelsOf(model, (await ask('predictInto', x)) as Int32Array),
    }),
    predictInto: writing(model, 'predict', askParts),
    predictProbaInto: writing(model, 'predictProba', askParts),
  };
  const entries = Object.entries(model).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'parallel') return [];
    if (typeof value !== 'function') return [[name, value]];
    const here = value as (X: unknown, out: unknown) => unknown;
    const there = methods[name] ?? ((x) => ask(name, x));
    const isSmall = (X: unknown) => name === 'predictOne' || countRows(X) < 2 * leastRows;
    return [
      [name, async (X: unknown, out: unknown) => (isSmall(X) ? here(X, out) : there(read(X), out))],
    ];
  });
  return Object.fromEntries(entries);
}

/** A method on rows that were read already. */
type Method = (x: Value, out: unknown) => Promise<unknown>;

/** A method that writes what another gives to memory of the caller's, which is checked first. */
function writing(
  model: Model,
  method: 'predict' | 'predictProba',
  askParts: (method: string, x: Value) => Promise<unknown[]>,
): Method {
  return async (x, given) => {
    const out = given as Float64Array;
    const indices = model.task === 'classifier' && method === 'predict';
    checkOut(out, x.rows * columnsOf(model, method), indices ? mostClasses(model) : 0);
    let at = 0;
    for (const part of await askParts(indices ? 'predictInto' : method, x)) {
      const numbers = (ArrayBuffer.isView(part) ? part : (part as Matrix).data) as Float64Array;
      out.set(numbers, at);
      at += numbers.length;
    }
  };
}

/** Numbers that a method gives for each row. */
function columnsOf(model: Model, method: 'predict' | 'predictProba'): number {
  if (model.task === 'classifier' && method === 'predict')
    return model.multiOutput ? model.classes.length : 1;
  const run = (model as unknown as Record<string, (X: Input) => unknown>)[method]!;
  const answer = run({ data: new Float64Array(0), rows: 0, cols: model.nFeatures });
  return answer instanceof Matrix ? answer.cols : 1;
}

type AnyClassifier = Classifier | MultiOutputClassifier;

const mostClasses = (model: AnyClassifier): number =>
  Math.max(...labelsOfOutputs(model).map(({ length }) => length));

/** The labels that indices into the classes mean, of each row or of each row and output. */
function labelsOf(model: AnyClassifier, chosen: Int32Array): (Label | Label[])[] {
  const labels = labelsOfOutputs(model);
  const outputs = labels.length;
  if (!model.multiOutput) return list(chosen.length, (row) => labels[0]![chosen[row]!]!);
  return list(chosen.length / outputs, (row) =>
    labels.map((own, k) => own[chosen[row * outputs + k]!]!),
  );
}

/** What the indices of each output stand for. */
function labelsOfOutputs({ multiOutput, classes, outlierLabels }: AnyClassifier): Label[][] {
  const ofOutputs = multiOutput ? classes : [classes];
  return ofOutputs.map((labels, k) =>
    outlierLabels ? [...labels, outlierLabels[k]!] : [...labels],
  );
}

/** Rows of what looks like input; 0 of what does not. */
function countRows(X: unknown): number {
  if (isRow(X)) return X.length;
  if (typeof X !== 'object' || X === null) return 0;
  if (isMatrix(X)) return X.rows;
  return isColumns(X) ? Object.values(X)[0]!.length : 0;
}

/** Ranges of so many rows, rounded up to as many as are walked together. */
function* cut(start: number, end: number, rows: number): Iterable<[from: number, to: number]> {
  const size = Math.ceil(rows / rowsTogether) * rowsTogether;
  for (let from = start; from < end; from += size) yield [from, Math.min(end, from + size)];
}

/** As the rows, but their numbers are those in that memory. */
function viewOf(memory: SharedArrayBuffer, x: Value): Value {
  const Numbers = x.data.constructor as Float64ArrayConstructor;
  return { ...x, data: new Numbers(memory, 0, x.rows * x.cols) };
}

/** Some of the rows, as they are sent. */
function cutRows(x: Value, start: number, end: number): RowsMessage {
  const { data, strings, singles = null, rows } = viewRows(x, start, end);
  return { data, strings, singles, rows };
}
