import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { fixture } from './serving.js';

interface KeyValue {
  readonly key: string;
  readonly value: {
    readonly value: 'string_value' | 'int_value' | 'double_value' | 'array_value';
    readonly array_value?: { readonly values: readonly KeyValue['value'][] };
  } & Readonly<Record<string, unknown>>;
}

/** A span as it came, its attributes by name. */
export interface Received {
  readonly name: string;
  readonly kind: number;
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly data_points: readonly NumberPoint[] };
  readonly sum?: { readonly data_points: readonly NumberPoint[]; readonly is_monotonic: boolean };
  readonly histogram?: { readonly data_points: readonly HistogramPoint[] };
}

interface NumberPoint {
  readonly as_double: number;
  readonly attributes: readonly KeyValue[];
}

interface HistogramPoint {
  readonly count: string;
  readonly sum: number;
  readonly bucket_counts: readonly string[];
  readonly explicit_bounds: readonly number[];
  readonly attributes: readonly KeyValue[];
}

const definitions = loadSync(fixture('server/test/otlp.proto'), {
  keepCase: true,
  longs: String,
  oneofs: true,
  arrays: true,
  defaults: true,
});
const read = (service: string, body: Buffer) =>
  (definitions[service] as ServiceDefinition).Export!.requestDeserialize(body);

/** A collector of OpenTelemetry's that keeps what is sent to it, over HTTP in protobuf. */
export async function startCollector() {
  const resources: Readonly<Record<string, unknown>>[] = [];
  const spans: Received[] = [];
  const metrics: Metric[] = [];
  const headers: Readonly<Record<string, unknown>>[] = [];
  const take: Readonly<Record<string, (body: Buffer) => void>> = {
    '/v1/traces'(body) {
      const { resource_spans } = read('TraceService', body) as Traces;
      for (const { resource, scope_spans } of resource_spans) {
        resources.push(attributesOf(resource.attributes));
        spans.push(...scope_spans.flatMap((scope) => scope.spans.map(spanOf)));
      }
    },
    '/v1/metrics'(body) {
      const { resource_metrics } = read('MetricsService', body) as Metrics;
      metrics.splice(0);
      for (const { scope_metrics } of resource_metrics)
        metrics.push(...scope_metrics.flatMap((scope) => scope.metrics));
    },
  };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    headers.push(request.headers);
    take[request.url!]!(Buffer.concat(parts));
    response.setHeader('content-type', 'application/x-protobuf').end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { endpoint, resources, spans, metrics, headers, close };
}

interface Traces {
  readonly resource_spans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scope_spans: readonly { readonly spans: readonly Sent[] }[];
  }[];
}

interface Metrics {
  readonly resource_metrics: readonly {
    readonly scope_metrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

interface Sent {
  readonly name: string;
  readonly kind: number;
  readonly trace_id: Buffer;
  readonly span_id: Buffer;
  readonly parent_span_id: Buffer;
  readonly start_time_unix_nano: string;
  readonly end_time_unix_nano: string;
  readonly attributes: readonly KeyValue[];
  readonly status: { readonly code: number } | null;
}

const spanOf = (sent: Sent): Received => ({
  name: sent.name,
  kind: sent.kind,
  trace: sent.trace_id.toString('hex'),
  id: sent.span_id.toString('hex'),
  parent: sent.parent_span_id.toString('hex'),
  start: BigInt(sent.start_time_unix_nano),
  end: BigInt(sent.end_time_unix_nano),
  failed: sent.status?.code === 2,
  attributes: attributesOf(sent.attributes),
});

export const attributesOf = (attributes: readonly KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainOf(value)]));

function plainOf(value: KeyValue['value']): unknown {
  if (value.value === 'array_value') return value.array_value!.values.map(plainOf);
  const own = value[value.value];
  return value.value === 'int_value' ? Number(own) : own;
}
