import { Counter, type Registry } from 'prom-client';
import { exportAs, value } from './exported-metric.js';
import type { ServedModel } from './served-model.js';

/** Of a model that is served. */
type Named = Pick<ServedModel, 'name' | 'version'>;

interface Count {
  readonly labels: { readonly model: string; readonly version: string };
  rows: number;
}

/** Rows answered, by model and version: found by identity, as `RequestTimes` does. */
export class RowCounts {
  readonly #counts = new Map<string, Count>();
  readonly #known = new WeakMap<Named, Count>();

  constructor(registry: Registry) {
    const name = 'nuthatch_rows_total';
    const counter = new Counter({
      name,
      help: 'Rows answered, by model and version',
      labelNames: ['model', 'version'] as const,
      registers: [registry],
    });
    exportAs(counter, () =>
      [...this.#counts.values()].map(({ labels, rows }) => value(name, labels, rows)),
    );
  }

  /** Of all models. */
  get total(): number {
    return [...this.#counts.values()].reduce((sum, { rows }) => sum + rows, 0);
  }

  add(served: Named, rows: number): void {
    const count = this.#known.get(served) ?? this.#find(served);
    count.rows += rows;
  }

  /** A model that was loaded again goes on in the same count. */
  #find(served: Named): Count {
    const { name: model, version } = served;
    const key = JSON.stringify([model, version]);
    const count = this.#counts.get(key) ?? { labels: { model, version }, rows: 0 };
    this.#counts.set(key, count);
    this.#known.set(served, count);
    return count;
  }
}
