import type { Metrics } from '../metrics.js';
import type { TrafficReport } from './reports.js';

/** What was measured between two looks at the counters. */
interface Sample extends Record<(typeof measures)[number], number | null> {
  /** Milliseconds since 1970. */
  readonly time: number;
}

const measures = [
  ...(['requests', 'rows', 'errors', 'p50', 'p95', 'p99', 'inFlight', 'memory'] as const),
];
const quarter = 15 * 60_000;
/** While nobody looks. */
const slowly = 10_000;
/** However many look. */
const atMostEach = 1000;

/** The last quarter of an hour: looks at what is counted anyway, when somebody asks, and now and then. */
export class Traffic {
  readonly #metrics: Metrics;
  readonly #now: () => number;
  readonly #samples: Sample[] = [];
  #timer: NodeJS.Timeout | null = null;
  #at: number;
  #rows = 0;
  #errors = 0;

  constructor(metrics: Metrics, now: () => number = Date.now) {
    this.#metrics = metrics;
    this.#now = now;
    this.#at = now();
  }

  start(): void {
    this.#timer = setInterval(() => void this.#sample(), slowly).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** @param since milliseconds since 1970: what is known until then is left out */
  async report(since: number): Promise<TrafficReport> {
    await this.#sample(1);
    const samples = this.#samples.filter(({ time }) => time > since);
    const errors = await this.#metrics.errors.get();
    return {
      time: samples.map(({ time }) => time),
      ...(Object.fromEntries(
        measures.map((name) => [name, samples.map((sample) => sample[name])]),
      ) as Record<(typeof measures)[number], (number | null)[]>),
      errorCodes: errors.values.map(({ labels, value }) => [String(labels.code), value]),
    };
  }

  /** @param askers requests in flight that are for this alone */
  async #sample(askers = 0): Promise<void> {
    const now = this.#now();
    const seconds = (now - this.#at) / 1000;
    if (now - this.#at < atMostEach) return;
    this.#at = now;
    const { times, rows, errors, inFlight } = this.#metrics;
    const { count, times: quantiles } = times.recent.take([0.5, 0.95, 0.99]);
    const [p50 = null, p95 = null, p99 = null] = quantiles;
    const [allRows, allErrors] = [rows.total, await totalOf(errors)];
    this.#samples.push({
      time: now,
      requests: count / seconds,
      rows: (allRows - this.#rows) / seconds,
      errors: (allErrors - this.#errors) / seconds,
      ...{ p50, p95, p99 },
      inFlight: inFlight - askers,
      memory: process.memoryUsage.rss(),
    });
    this.#rows = allRows;
    this.#errors = allErrors;
    const gone = this.#samples.findIndex(({ time }) => time > now - quarter);
    this.#samples.splice(0, Math.max(0, gone));
  }
}

async function totalOf(counter: Metrics['errors']): Promise<number> {
  const { values } = await counter.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}
