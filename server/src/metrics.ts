import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry, Summary } from 'prom-client';
import type { ServedModel } from './served-model.js';

/** What Prometheus is told, of one server. */
export class Metrics {
  readonly registry = new Registry();
  readonly #of = { registers: [this.registry] };

  /** As the classic recipe names it, and as Python's client writes a summary: without quantiles. */
  readonly processing = new Summary({
    name: 'request_processing_seconds',
    help: 'Time spent processing request',
    percentiles: [],
    ...this.#of,
  });
  readonly durations = new Histogram({
    name: 'nuthatch_request_duration_seconds',
    help: 'Time from a request to its answer, by model, version and route',
    labelNames: ['model', 'version', 'route'] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ...this.#of,
  });
  readonly rows = new Counter({
    name: 'nuthatch_rows_total',
    help: 'Rows answered, by model and version',
    labelNames: ['model', 'version'] as const,
    ...this.#of,
  });
  readonly errors = new Counter({
    name: 'nuthatch_errors_total',
    help: 'Requests refused or failed, by code',
    labelNames: ['code'] as const,
    ...this.#of,
  });
  readonly inFlight = new Gauge({
    name: 'nuthatch_requests_in_flight',
    help: 'Requests that are being answered',
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

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  addModel({ name, version, description, loadSeconds }: ServedModel): void {
    const { className, digest } = description.provenance;
    this.#info.set({ model: name, version, class: className, digest: digest ?? '' }, 1);
    this.#loading.set({ model: name, version }, loadSeconds);
  }
}
