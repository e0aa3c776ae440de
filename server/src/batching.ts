import type { Input, MethodName } from 'nuthatch';
import type { RowAnswer } from './answer.js';
import type { BatchingOptions } from './model-options.js';
import { formOf, joinRows } from './rows.js';
import type { ServedModel } from './served-model.js';

/** Answers rows: alone, or several requests' together. */
export type Run = (
  served: ServedModel,
  method: MethodName,
  rows: Input,
  count: number,
) => Promise<RowAnswer[]>;

interface Part {
  readonly rows: Input;
  readonly count: number;
  resolve(answers: RowAnswer[] | Promise<RowAnswer[]>): void;
}

interface Batch {
  readonly parts: Part[];
  rows: number;
  timer: NodeJS.Timeout | NodeJS.Immediate;
}

/** Joins the rows of requests that come at about the same time, and divides their answers again. */
export class Batching {
  readonly #run: Run;
  readonly #observe: (served: ServedModel, rows: number) => void;
  /** Those that still take rows, of each model by method and form of rows. */
  readonly #open = new WeakMap<ServedModel, Map<string, Batch>>();

  /** @param observe is told of the rows of each batch */
  constructor(run: Run, observe: (served: ServedModel, rows: number) => void) {
    this.#run = run;
    this.#observe = observe;
  }

  /** Answers rows by a method, as alone. @throws NuthatchError `input-…`, of these rows alone */
  run(
    served: ServedModel,
    method: MethodName,
    rows: Input,
    count: number,
    { maxRows, maxWaitMs = 0 }: BatchingOptions,
  ): Promise<RowAnswer[]> {
    const form = formOf(rows);
    if (form === null || count === 0 || count >= maxRows)
      return this.#run(served, method, rows, count);
    const batches = this.#open.get(served) ?? new Map<string, Batch>();
    this.#open.set(served, batches);
    const key = `${method} ${form}`;
    const open = batches.get(key);
    if (open && open.rows + count > maxRows) this.#close(served, method, key, batches);
    return new Promise((resolve) => {
      let batch = batches.get(key);
      if (batch === undefined) {
        const close = () => this.#close(served, method, key, batches);
        const timer = maxWaitMs === 0 ? setImmediate(close) : setTimeout(close, maxWaitMs);
        batch = { parts: [], rows: 0, timer };
        batches.set(key, batch);
      }
      batch.parts.push({ rows, count, resolve });
      batch.rows += count;
      if (batch.rows >= maxRows) this.#close(served, method, key, batches);
    });
  }

  #close(served: ServedModel, method: MethodName, key: string, batches: Map<string, Batch>): void {
    const { parts, rows, timer } = batches.get(key)!;
    batches.delete(key);
    clearTimeout(timer as NodeJS.Timeout);
    clearImmediate(timer as NodeJS.Immediate);
    this.#observe(served, rows);
    const alone = (part: Part) => this.#run(served, method, part.rows, part.count);
    if (parts.length === 1) {
      parts[0]!.resolve(alone(parts[0]!));
      return;
    }
    const joined = joinRows(parts.map((part) => part.rows));
    this.#run(served, method, joined, rows).then(
      (answers) => {
        let start = 0;
        for (const part of parts) {
          part.resolve(answers.slice(start, start + part.count));
          start += part.count;
        }
      },
      () => {
        // The rows of one are at fault, which is told of them alone.
        for (const part of parts) part.resolve(alone(part));
      },
    );
  }
}
