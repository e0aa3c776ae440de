import type { Metric } from 'prom-client';

/** A value of a metric, as prom-client has it. */
export interface Value {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export const value = (metricName: string, labels: Value['labels'], value: number): Value => ({
  metricName,
  labels,
  value,
});

/** Lets a metric tell values that are counted elsewhere. A histogram is asked for its text by a method of its own. */
export function exportAs(metric: Metric, values: () => Value[]): void {
  const { name, help, type, aggregator } = metric as unknown as Awaited<
    ReturnType<typeof metric.get>
  >;
  const told = async () => ({ name, help, type, aggregator, values: values() });
  Object.assign(metric, { get: told, getForPromString: told });
}
