import type { FastifyBaseLogger } from 'fastify';
import { NuthatchError } from 'nuthatch';
import type { Context } from '../context.js';
import type { Telemetry } from './sdk.js';
import type { Wanted } from './wanted.js';

/** What has to be installed beside the server: no others need it. */
const packages = [
  'api@1',
  'core@2',
  'resources@2',
  'sdk-trace-base@2',
  'sdk-metrics@2',
  'exporter-trace-otlp-proto@0.223',
  'exporter-metrics-otlp-proto@0.223',
].map((name) => `@opentelemetry/${name}`);

/** Begins to send. @throws NuthatchError `usage` where the packages of OpenTelemetry are missing */
export async function openTelemetry(
  context: Context,
  wanted: Wanted,
  log: FastifyBaseLogger,
): Promise<Telemetry> {
  const { startTelemetry } = await import('./sdk.js').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const command = `npm install ${packages.join(' ')}`;
    throw new NuthatchError('usage', 'telemetry', `OpenTelemetry is not installed: ${command}`);
  });
  return startTelemetry(context, wanted, log);
}
