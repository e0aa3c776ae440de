import type { Input, MethodName } from 'nuthatch';
import { answer, type RowAnswer } from './answer.js';
import { HttpError } from './http-error.js';
import { leastThreaded } from './model-threads.js';
import { type RowLimits, rowsBetween } from './rows.js';
import type { ServedModel } from './served-model.js';
import { Turns } from './turns.js';

/** What takes less is answered at once; what takes more, in pieces of about this. */
const pieceMs = 4;
/** Rows of the first piece, while nothing is known of a model's pace. */
const firstRows = 64;
const fewestRows = 8;
/** Of large batches together, after which the last of them would come too late for who asked. */
const mostWorkMs = 15_000;

/** Answers batches so that others need not wait for the large ones. */
export class Runner {
  readonly #turns = new Turns();
  readonly #limits: {
    readonly cells: number;
    readonly waitingRows: number;
    readonly turnMs: number;
  };
  /** Values that each method gives for a row. */
  readonly #widths = new WeakMap<ServedModel, Map<MethodName, number>>();
  #waiting = 0;
  #waitingMs = 0;

  constructor({ cells, waitingRows = 100_000, turnMs = 500 }: RowLimits) {
    this.#limits = { cells, waitingRows, turnMs };
  }

  /** Whether what waits for its turn has waited so long, or would have to, that more is refused. */
  get isBehind(): boolean {
    const { wait, ahead } = this.#turns;
    return Math.max(wait, ahead) > this.#limits.turnMs;
  }

  /**
   * Answers rows by a method: small batches at once, large ones in the threads of the model, or in pieces between which others have their turn.
   *
   * @throws NuthatchError `input-…`; HttpError 413 where the answer would be too large, 503 where too much is under way
   */
  async run(
    served: ServedModel,
    method: MethodName,
    rows: Input,
    count: number,
  ): Promise<RowAnswer[]> {
    const small = this.runSmall(served, method, rows, count);
    if (small !== null) return small;
    // One turn of the event loop for each row of a slow model, or new connections would wait for all that are there.
    if (count <= fewestRows) {
      this.#checkWork(0, 0);
      await this.#turns.take();
      return few(served, method, rows);
    }
    const milliseconds = (served.pace.msPerRow ?? 0) * count;
    this.#checkWork(count, milliseconds);
    this.#waiting += count;
    this.#waitingMs += milliseconds;
    try {
      const threaded =
        count >= leastThreaded ? await served.threads?.answer(method, rows) : undefined;
      return threaded ?? (await this.#inPieces(served, method, rows, count));
    } finally {
      this.#waiting -= count;
      this.#waitingMs -= milliseconds;
    }
  }

  /**
   * Answers a small batch without a promise, which takes as long as a small model; null where it is a large one, or the model a slow one.
   *
   * @throws HttpError 413 where the answer would be too large
   */
  runSmall(
    served: ServedModel,
    method: MethodName,
    rows: Input,
    count: number,
  ): RowAnswer[] | null {
    if (count <= fewestRows) return served.pace.fewMs > pieceMs ? null : few(served, method, rows);
    this.#checkAnswer(served, method, rows, count);
    return count <= piece(served) ? timed(served, method, rows, count) : null;
  }

  /** @throws HttpError 503 */
  #checkWork(rows: number, milliseconds: number): void {
    const isTooMuch = this.#waiting > 0 && this.#waitingMs + milliseconds > mostWorkMs;
    if (this.isBehind || isTooMuch || this.#waiting + rows > this.#limits.waitingRows)
      throw new HttpError(503, 'overloaded', `${this.#waiting} rows are being answered`);
  }

  /** @throws HttpError 413 */
  #checkAnswer(served: ServedModel, method: MethodName, rows: Input, count: number): void {
    const widths = this.#widths.get(served) ?? new Map<MethodName, number>();
    this.#widths.set(served, widths);
    const width =
      widths.get(method) ?? [answer(served, method, rowsBetween(rows, 0, 1))].flat(9).length;
    widths.set(method, width);
    const { cells } = this.#limits;
    if (width * count > cells)
      throw new HttpError(
        413,
        'limit-exceeded',
        `an answer of ${width} values for each of ${count} rows; one may have ${cells} values`,
      );
  }

  async #inPieces(
    served: ServedModel,
    method: MethodName,
    rows: Input,
    count: number,
  ): Promise<RowAnswer[]> {
    const answers: RowAnswer[] = [];
    let start = 0;
    while (start < count) {
      await this.#turns.take();
      const end = Math.min(count, start + piece(served));
      try {
        const some = timed(served, method, rowsBetween(rows, start, end), end - start);
        for (const one of some) answers.push(one);
      } catch {
        // Its place is told as one of all rows, which are read before any is answered.
        return answer(served, method, rows);
      }
      start = end;
    }
    return answers;
  }
}

function timed(served: ServedModel, method: MethodName, rows: Input, count: number): RowAnswer[] {
  const begun = performance.now();
  const answers = answer(served, method, rows);
  served.pace.observe(count, performance.now() - begun);
  return answers;
}

function few(served: ServedModel, method: MethodName, rows: Input): RowAnswer[] {
  const begun = performance.now();
  const answers = answer(served, method, rows);
  served.pace.observeFew(performance.now() - begun);
  return answers;
}

/** Rows that a model answers in about `pieceMs`. */
const piece = ({ pace }: ServedModel): number =>
  pace.msPerRow === null
    ? firstRows
    : Math.max(pace.msPerRow > pieceMs ? 1 : fewestRows, Math.floor(pieceMs / pace.msPerRow));
