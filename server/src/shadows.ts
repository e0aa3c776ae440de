import { Piscina } from 'piscina';
import { Counter, Gauge } from 'prom-client';
import type { Answered } from './context.js';
import type { Metrics } from './metrics.js';
import { packageFolder } from './package-folder.js';
import type { Repository } from './repository.js';
import type { ShadowReply, ShadowTask } from './shadow-thread.js';

/** Rows that may wait; of a shadow that is slower than what it shadows, the others are not asked. */
const mostWaiting = 20_000;

/**
 * Asks shadows what others have answered, in a thread of their own, and counts how they differ. What they answer goes no further, and what
 * they fail in fails nobody else.
 */
export class Shadows {
  readonly #repository: Repository;
  readonly #pool: Piscina<ShadowTask, ShadowReply>;
  readonly #counts;
  /** Gauges cannot be read at once. */
  readonly #greatest = new Map<string, number>();
  #waiting = 0;

  constructor(repository: Repository, { registry }: Metrics) {
    this.#repository = repository;
    this.#pool = new Piscina({
      // Built, also where tests run this from its source.
      filename: new URL('dist/shadow-thread.cjs', packageFolder).href,
      minThreads: 0,
      maxThreads: 1,
      // The thread is to keep its models.
      idleTimeout: 600_000,
      execArgv: [],
    });
    const of = { registers: [registry], labelNames: ['model', 'version', 'method'] as const };
    this.#counts = {
      rows: new Counter({
        name: 'nuthatch_shadow_rows_total',
        help: 'Rows that a shadow answered, too',
        ...of,
      }),
      differing: new Counter({
        name: 'nuthatch_shadow_differing_rows_total',
        help: 'Rows that a shadow answered differently',
        ...of,
      }),
      greatest: new Gauge({
        name: 'nuthatch_shadow_greatest_difference',
        help: 'The greatest difference between a number of a shadow and of what it shadows',
        ...of,
      }),
      failed: new Counter({
        name: 'nuthatch_shadow_failed_rows_total',
        help: 'Rows that a shadow could not answer',
        ...of,
      }),
      dropped: new Counter({
        name: 'nuthatch_shadow_dropped_rows_total',
        help: 'Rows that a shadow was not asked, being behind',
        ...of,
      }),
    };
  }

  /** Asks the shadow of a model, if it has one, once its answer is sent. */
  readonly observe = (answered: Answered): void => {
    const shadow = this.#repository.shadowOf(answered.served);
    if (shadow === null) return;
    const { count, methods } = answered;
    const labels = (method: string) => ({ model: shadow.name, version: shadow.version, method });
    if (this.#waiting + count > mostWaiting) {
      for (const method of methods) this.#counts.dropped.inc(labels(method), count);
      return;
    }
    this.#waiting += count;
    setImmediate(async () => {
      const reply = await this.#ask(answered, shadow).catch(() => methods.map(() => null));
      this.#waiting -= count;
      for (const [i, method] of methods.entries()) this.#count(labels(method), count, reply[i]!);
    });
  };

  async #ask(
    { rows, methods, answers }: Answered,
    { digest, model }: Answered['served'],
  ): Promise<Exclude<ShadowReply, 'unknown'>> {
    const task = { digest, rows, methods, answers };
    const reply = await this.#pool.run({ ...task, description: null });
    if (reply !== 'unknown') return reply;
    const again = await this.#pool.run({ ...task, description: model.description });
    return again === 'unknown' ? [] : again;
  }

  #count(
    labels: { model: string; version: string; method: string },
    count: number,
    difference: Exclude<ShadowReply, 'unknown'>[number],
  ): void {
    const { rows, differing, greatest, failed } = this.#counts;
    if (difference === null) {
      failed.inc(labels, count);
      return;
    }
    rows.inc(labels, difference.rows);
    differing.inc(labels, difference.differing);
    const key = Object.values(labels).join('\n');
    const most = Math.max(difference.greatest, this.#greatest.get(key) ?? 0);
    this.#greatest.set(key, most);
    greatest.set(labels, most);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
