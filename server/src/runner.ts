import type { Input, MethodName } from 'nuthatch';
import { answer, type RowAnswer } from './answer.js';
import { HttpError } from './http-error.js';
import { leastThreaded } from './model-threads.js';
import { rowsBetween } from './rows.js';
import type { ServedModel } from './served-model.js';
import { Turns } from './turns.js';

/** What takes less is answered at once; what takes more, in pieces of about this. */
const pieceMs = 4;
/** Rows of the first piece, while nothing is known of a model's pace. */
const firstRows = 64;
const fewestRows = 8;

/** Answers batches so that others need not wait for the large ones. */
export class Runner {
  readonly #turns = new Turns();
  readonly #mostWaiting: number;
  #waiting = 0;

  /** @param mostWaiting rows of large batches that may be under way */
  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Answers rows by a method: small batches at once, large ones in the threads of the model, or in pieces between which others have their turn.
   *
   * @throws NuthatchError `input-…`; HttpError 503 where too many rows are under way
   */
  async run(
    served: ServedModel,
    method: MethodName,
    rows: Input,
    count: number,
  ): Promise<RowAnswer[]> {
    const small = this.runSmall(served, method, rows, count);
    if (small !== null) return small;
    if (this.#waiting + count > this.#mostWaiting)
      throw new HttpError(503, 'overloaded', `${this.#waiting} rows are being answered`);
    this.#waiting += count;
    try {
      const threaded =
        count >= leastThreaded ? await served.threads?.answer(method, rows) : undefined;
      return threaded ?? (await this.#inPieces(served, method, rows, count));
    } finally {
      this.#waiting -= count;
    }
  }

  /** Answers a small batch without a promise, which takes as long as a small model; null where it is a large one. */
  runSmall(
    served: ServedModel,
    method: MethodName,
    rows: Input,
    count: number,
  ): RowAnswer[] | null {
    if (count <= fewestRows) return answer(served, method, rows);
    return count <= piece(served) ? timed(served, method, rows, count) : null;
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

/** Rows that a model answers in about `pieceMs`. */
const piece = ({ pace }: ServedModel): number =>
  pace.msPerRow === null ? firstRows : Math.max(fewestRows, Math.floor(pieceMs / pace.msPerRow));
