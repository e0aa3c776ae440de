import { DiagLogLevel, diag, type Tracer } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import type { CallObserver } from '../grpc/service.js';
import { traceCalls } from './calls.js';
import { metricsOf } from './metrics.js';
import { traceRequests } from './requests.js';
import type { Wanted } from './wanted.js';

/** What is sent to a collector. */
export interface Telemetry {
  traceRequests(app: FastifyInstance): void;
  readonly callObservers: readonly CallObserver[];
  /** Sends what is left. */
  close(): Promise<void>;
}

/** What else is to be said stands in the variables of OpenTelemetry, which its library reads. */
export function startTelemetry(
  { metrics }: Context,
  wanted: Wanted,
  log: FastifyBaseLogger,
): Telemetry {
  // What could not be sent is said nowhere else.
  const logger = { error: warn, warn, info: warn, debug: warn, verbose: warn };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  function warn(message: string): void {
    log.warn({ reason: reasonOf(message) }, 'OpenTelemetry has not sent everything');
  }
  const resource = resourceOf(wanted);
  const tracing = wanted.traces ? startTraces(resource, wanted) : null;
  const metering = wanted.metrics
    ? new MeterProvider({
        resource,
        readers: [
          new PeriodicExportingMetricReader({
            exporter: new OTLPMetricExporter(targetOf(wanted, 'metrics')),
            exportIntervalMillis: intervalOf(wanted),
            metricProducers: [{ collect: () => metricsOf(metrics.registry, resource) }],
          }),
        ],
      })
    : null;
  const tracer: Tracer | null = tracing?.getTracer('@nuthatch/server') ?? null;
  return {
    traceRequests(app) {
      if (tracer !== null) traceRequests(app, tracer);
    },
    callObservers: tracer === null ? [] : [traceCalls(tracer)],
    async close() {
      // A collector that is gone must not keep the server from ending, nor fail it.
      await Promise.allSettled([tracing?.shutdown(), metering?.shutdown()]);
    },
  };
}

/** Of errors, the library says JSON with all that they hold. */
function reasonOf(message: string): string {
  try {
    return String(JSON.parse(message).message);
  } catch {
    return message;
  }
}

function startTraces(resource: Resource, wanted: Wanted): BasicTracerProvider {
  const { sample } = wanted;
  const sampler = sample !== undefined && {
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sample) }),
  };
  const exporter = new OTLPTraceExporter(targetOf(wanted, 'traces'));
  return new BasicTracerProvider({
    resource,
    ...sampler,
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
}

function resourceOf({ serviceName }: Wanted): Resource {
  const usual = resourceFromAttributes({ 'service.name': 'nuthatch', 'service.version': '0.1.0' });
  const said = detectResources({ detectors: [envDetector] });
  const own = resourceFromAttributes(
    serviceName === undefined ? {} : { 'service.name': serviceName },
  );
  return defaultResource().merge(usual).merge(said).merge(own);
}

const targetOf = ({ endpoint, headers }: Wanted, signal: 'traces' | 'metrics') => ({
  ...(endpoint !== undefined && { url: `${endpoint.replace(/\/$/, '')}/v1/${signal}` }),
  ...(headers !== undefined && { headers }),
});

function intervalOf({ metricsSeconds }: Wanted): number {
  if (metricsSeconds !== undefined) return metricsSeconds * 1000;
  const said = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL);
  return said >= 1 ? said : 60_000;
}
