import { type Input, type MethodName, type Model, methodNames, type Parallel } from 'nuthatch';
import { type RowAnswer, toRows } from './answer.js';

/** Smaller batches are answered where they are asked, by `model.parallel`, too. */
export const leastThreaded = 2048;

/** Worker threads of one model, started when they are first needed. */
export class ModelThreads {
  readonly #model: Model;
  readonly #threads: number;
  #parallel: Promise<Parallel<Model>> | null = null;
  #ended = false;

  constructor(model: Model, threads: number) {
    this.#model = model;
    this.#threads = threads;
  }

  /** Answers rows; null where there are no threads, or no more. @throws NuthatchError `input-…` */
  async answer(method: MethodName, rows: Input): Promise<RowAnswer[] | null> {
    if (this.#ended) return null;
    this.#parallel ??= this.#model.parallel({ threads: this.#threads });
    try {
      const parallel = await this.#parallel;
      const run = (parallel as unknown as Record<string, (X: Input) => Promise<unknown>>)[
        methodNames[method]
      ]!;
      return toRows(await run(rows));
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code !== 'threads' && !this.#ended) throw error;
      // They have died, or ended meanwhile.
      this.#parallel = null;
      return null;
    }
  }

  /** Lets them end once all that was asked is answered. */
  async close(): Promise<void> {
    this.#ended = true;
    const parallel = await this.#parallel?.catch(() => null);
    await parallel?.close();
  }
}
