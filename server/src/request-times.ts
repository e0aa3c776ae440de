import { Histogram, type Registry, Summary } from 'prom-client';
import { exportAs, type Value, value } from './exported-metric.js';
import { RecentTimes } from './recent-times.js';
import type { ServedModel } from './served-model.js';

const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Requests of one model, version and route. */
interface Series {
  readonly labels: { readonly model: string; readonly version: string; readonly route: string };
  /** Of each bucket alone, and of what is above them. */
  readonly counts: number[];
  count: number;
  sum: number;
}

const noModel = {};

/**
 * How long requests took. prom-client looks labels up by their text at each observation, and keeps quantiles even of a summary that has
 * none: a tenth of what a request costs. Here requests find their counts by identity, and prom-client gets them when it is scraped.
 */
export class RequestTimes {
  /** Those that count as the classic recipe's, for the page. */
  readonly recent = new RecentTimes();
  readonly #series = new Map<string, Series>();
  readonly #known = new WeakMap<object, Map<string, Series>>();
  #processed = 0;
  #processedSeconds = 0;

  constructor(registry: Registry) {
    const registers = [registry];
    const durations = new Histogram({
      name: 'nuthatch_request_duration_seconds',
      help: 'Time from a request to its answer, by model, version and route',
      labelNames: ['model', 'version', 'route'] as const,
      buckets,
      registers,
    });
    exportAs(durations, () => [...this.#series.values()].flatMap(valuesOf));
    // As the classic recipe names it, and as Python's client writes a summary: without quantiles.
    const processing = new Summary({
      name: 'request_processing_seconds',
      help: 'Time spent processing request',
      percentiles: [],
      registers,
    });
    exportAs(processing, () => [
      value('request_processing_seconds_sum', {}, this.#processedSeconds),
      value('request_processing_seconds_count', {}, this.#processed),
    ]);
  }

  /** @param processed whether it counts as one of the classic recipe's */
  observe(served: ServedModel | null, route: string, processed: boolean, seconds: number): void {
    const series = this.#known.get(served ?? noModel)?.get(route) ?? this.#find(served, route);
    let bucket = 0;
    while (bucket < buckets.length && seconds > buckets[bucket]!) bucket++;
    series.counts[bucket]!++;
    series.count++;
    series.sum += seconds;
    if (!processed) return;
    this.recent.add(seconds);
    this.#processed++;
    this.#processedSeconds += seconds;
  }

  /** A model that was loaded again goes on in the same series. */
  #find(served: ServedModel | null, route: string): Series {
    const { name: model = '', version = '' } = served ?? {};
    const key = JSON.stringify([model, version, route]);
    const counts = [...buckets, 0].fill(0);
    const series = this.#series.get(key) ?? {
      labels: { model, version, route },
      counts,
      count: 0,
      sum: 0,
    };
    this.#series.set(key, series);
    const known = this.#known.get(served ?? noModel) ?? new Map<string, Series>();
    this.#known.set(served ?? noModel, known.set(route, series));
    return series;
  }
}

function valuesOf({ labels, counts, count, sum }: Series): Value[] {
  const name = 'nuthatch_request_duration_seconds';
  let below = 0;
  const cumulative = counts.map((own, i) => {
    below += own;
    return value(`${name}_bucket`, { le: buckets[i] ?? '+Inf', ...labels }, below);
  });
  return [...cumulative, value(`${name}_sum`, labels, sum), value(`${name}_count`, labels, count)];
}
