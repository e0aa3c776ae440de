import { type Static, Type } from '../typebox.js';

/** Settings of OpenTelemetry, which is off without them and without its variables. */
export const telemetryOptions = Type.Object(
  {
    endpoint: Type.Optional(
      Type.String({
        pattern: '^https?://[^/]',
        description:
          'Where a collector takes OTLP over HTTP (protobuf), as http://localhost:4318; default: OTEL_EXPORTER_OTLP_ENDPOINT, else that',
      }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Sent to it, as a token; default: OTEL_EXPORTER_OTLP_HEADERS',
      }),
    ),
    serviceName: Type.Optional(
      Type.String({ minLength: 1, description: 'Default: OTEL_SERVICE_NAME, else nuthatch' }),
    ),
    traces: Type.Optional(
      Type.Boolean({ description: 'Default: true, unless OTEL_TRACES_EXPORTER says otherwise' }),
    ),
    sample: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'The share of requests that are traced, of those whose clients do not say it themselves; default: OTEL_TRACES_SAMPLER, else all',
      }),
    ),
    metrics: Type.Optional(
      Type.Boolean({
        description:
          'Whether the metrics of /metrics are sent, too; default: true, unless OTEL_METRICS_EXPORTER says otherwise',
      }),
    ),
    metricsSeconds: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 3600,
        description: 'Seconds between them; default: OTEL_METRIC_EXPORT_INTERVAL, else 60',
      }),
    ),
  },
  { additionalProperties: false },
);

export type TelemetryOptions = Static<typeof telemetryOptions>;
