import { NuthatchError } from 'nuthatch';
import type { TelemetryOptions } from './options.js';

/** What is to be sent, once the settings and the variables of OpenTelemetry are read. */
export interface Wanted extends Omit<TelemetryOptions, 'traces' | 'metrics'> {
  readonly traces: boolean;
  readonly metrics: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

const signals = ['TRACES', 'METRICS'] as const;

/** null where nothing is to be sent. @throws NuthatchError `usage` */
export function wantedOf(options: TelemetryOptions | undefined, env: Variables): Wanted | null {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return null;
  const endpoints = ['', ...signals.map((signal) => `${signal}_`)];
  const isAsked = endpoints.some((signal) => env[`OTEL_EXPORTER_OTLP_${signal}ENDPOINT`]);
  if (options === undefined && !isAsked) return null;
  const says = (signal: (typeof signals)[number]) =>
    (env[`OTEL_${signal}_EXPORTER`] || 'otlp').split(',').includes('otlp');
  const traces = options?.traces ?? says('TRACES');
  const metrics = options?.metrics ?? says('METRICS');
  if (!traces && !metrics) return null;
  for (const signal of endpoints) {
    const name = `OTEL_EXPORTER_OTLP_${signal}PROTOCOL`;
    if ((env[name] || usualProtocol) !== usualProtocol)
      throw new NuthatchError('usage', name, `OTLP is sent as ${usualProtocol} alone`);
  }
  return { ...options, traces, metrics };
}

const usualProtocol = 'http/protobuf';
