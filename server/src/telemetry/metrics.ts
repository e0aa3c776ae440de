import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type { Registry } from 'prom-client';

/** A metric as prom-client tells it. */
interface Told {
  readonly name: string;
  readonly help: string;
  readonly type: string | number;
  readonly values: readonly Value[];
}

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly metricName?: string;
}

const started = hrTime();

/** What /metrics says, in OpenTelemetry's words: under the same names, and counted but once. */
export async function metricsOf(registry: Registry, resource: Resource): Promise<CollectionResult> {
  const told = (await registry.getMetricsAsJSON()) as unknown as readonly Told[];
  const now = hrTime();
  const metrics = told.map((metric) => dataOf(metric, now));
  const scope = { name: '@nuthatch/server', version: '0.1.0' };
  return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] }, errors: [] };
}

function dataOf({ name, help, type, values }: Told, endTime: HrTime): MetricData {
  const common = {
    descriptor: {
      name,
      description: help,
      unit: name.includes('_seconds') ? 's' : name.includes('_bytes') ? 'By' : '',
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const point = <T>(labels: Value['labels'], value: T): DataPoint<T> => ({
    startTime: started,
    endTime,
    attributes: { ...labels } as Attributes,
    value,
  });
  const single = () => values.map(({ labels, value }) => point(labels, value));
  if (type === 'histogram' || type === 'summary') {
    const dataPoints = histogramsOf(name, values).map(([labels, one]) => point(labels, one));
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  return type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: single() }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints: single() };
}

/** Prometheus counts what is below each bound, OpenTelemetry what is between two. A summary, here without quantiles, has no bounds. */
function histogramsOf(name: string, values: readonly Value[]): [Value['labels'], Histogram][] {
  const series = new Map<string, { labels: Value['labels']; values: Value[] }>();
  for (const one of values) {
    const { le: _, ...labels } = one.labels;
    const key = JSON.stringify(labels);
    const known = series.get(key) ?? { labels, values: [] };
    known.values.push(one);
    series.set(key, known);
  }
  return [...series.values()].map(({ labels, values: own }) => {
    const of = (suffix: string) =>
      own.find(({ metricName }) => metricName === `${name}_${suffix}`)?.value ?? 0;
    const below = own
      .filter(({ labels: { le } }) => le !== undefined && le !== '+Inf')
      .map(({ labels: { le }, value }) => [Number(le), value] as const);
    const cumulative = [...below.map(([, count]) => count), of('count')];
    const counts = cumulative.map((count, i) => count - (cumulative[i - 1] ?? 0));
    const buckets = { boundaries: below.map(([bound]) => bound), counts };
    return [labels, { buckets, sum: of('sum'), count: of('count') }];
  });
}
