import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Change } from './repository.js';
import { RequestTimes } from './request-times.js';
import { RowCounts } from './row-counts.js';
import type { ServedModel } from './served-model.js';

/** What Prometheus is told, of one server. */
export class Metrics {
  readonly registry = new Registry();
  readonly #of = { registers: [this.registry] };

  readonly times = new RequestTimes(this.registry);
  readonly rows = new RowCounts(this.registry);
  readonly batches = new Histogram({
    name: 'nuthatch_batch_rows',
    help: 'Rows of the batches that requests were joined to',
    labelNames: ['model'] as const,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096],
    ...this.#of,
  });
  readonly errors = new Counter({
    name: 'nuthatch_errors_total',
    help: 'Requests refused or failed, by code',
    labelNames: ['code'] as const,
    ...this.#of,
  });
  readonly #info = new Gauge({
    name: 'nuthatch_model_info',
    help: 'The models that are served',
    labelNames: ['model', 'version', 'class', 'digest'] as const,
    ...this.#of,
  });
  readonly #loading = new Gauge({
    name: 'nuthatch_model_load_seconds',
    help: 'Time to read, check and prove a model',
    labelNames: ['model', 'version'] as const,
    ...this.#of,
  });

  readonly #reloads = new Counter({
    name: 'nuthatch_reloads_total',
    help: 'Versions of models that were loaded, reloaded, removed, or failed to load',
    labelNames: ['model', 'outcome'] as const,
    ...this.#of,
  });

  /** Requests that are being answered. */
  inFlight = 0;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    // Sums of what other gauges say, whose names are those of counters.
    for (const name of ['handles', 'requests', 'resources'])
      this.registry.removeSingleMetric(`nodejs_active_${name}_total`);
    const metrics = this;
    new Gauge({
      name: 'nuthatch_requests_in_flight',
      help: 'Requests that are being answered',
      collect() {
        this.set(metrics.inFlight);
      },
      ...this.#of,
    });
  }

  /** What has become of a version. */
  changed({ outcome, model, version, served, previous }: Change): void {
    this.#reloads.inc({ model, outcome });
    if (previous) {
      this.#info.remove(infoOf(previous));
      this.#loading.remove({ model, version });
    }
    if (!served) return;
    this.#info.set(infoOf(served), 1);
    this.#loading.set({ model, version }, served.loadSeconds);
  }
}

const infoOf = ({ name, version, description, digest }: ServedModel) => ({
  model: name,
  version,
  class: description.provenance.className,
  digest,
});
