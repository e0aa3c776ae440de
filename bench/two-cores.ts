import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { quantile } from './measurement.js';

/** What cores give that nobody else uses: threads start and stop a little apart. */
export const free = 1.9;

/** Of a loop that takes some milliseconds. */
const usualRounds = 2_000_000;

/**
 * Tells what two cores give at the moment, in times of one: 2 where threads that share nothing, not even memory, run as fast together as alone. Virtual
 * machines call both halves of a core a core, and share them with others: two may give hardly more than one then, for a while.
 */
export class TwoCores {
  readonly #threads: readonly Worker[];
  readonly #found: number[] = [];
  #roundsOfMilli: number | null = null;

  private constructor(threads: readonly Worker[]) {
    this.#threads = threads;
  }

  /** Once its code is compiled. */
  static async start(): Promise<TwoCores> {
    const file = new URL('./spin.js', import.meta.url);
    const cores = new TwoCores([new Worker(file), new Worker(file)]);
    for (let i = 0; i < 20; i++) await cores.measure();
    cores.#found.length = 0;
    return cores;
  }

  async measure(rounds = usualRounds): Promise<number> {
    const [one, other] = this.#threads;
    const alone = (await time([one!], rounds)) + (await time([other!], rounds));
    const found = alone / (await time([one!, other!], rounds));
    this.#found.push(found);
    return found;
  }

  /** Rounds that take each thread about half so many milliseconds alone: both together what takes one thread so long. */
  async roundsOf(millis: number): Promise<number> {
    const [one] = this.#threads;
    const times = [];
    for (let i = 0; i < 9; i++) times.push(await time([one!], usualRounds));
    return Math.ceil((usualRounds * millis) / 2 / quantile(times, 0.5));
  }

  /** Asked for about so many milliseconds: as long as what needs them, since they come and go within a second. */
  async areFree(millis: number): Promise<boolean> {
    this.#roundsOfMilli ??= (await this.roundsOf(1000)) / 1000;
    return (await this.measure(Math.ceil(millis * this.#roundsOfMilli))) >= free;
  }

  /** What was found since it started. */
  describe(): string {
    const [median, low] = [0.5, 0.25].map((part) => quantile(this.#found, part).toFixed(2));
    return `two cores gave ${median} times one (lower quartile ${low}, ${this.#found.length} times asked)`;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

async function time(threads: readonly Worker[], rounds: number): Promise<number> {
  const begun = performance.now();
  const done = threads.map((thread) => once(thread, 'message'));
  for (const thread of threads) thread.postMessage(rounds);
  await Promise.all(done);
  return performance.now() - begun;
}
