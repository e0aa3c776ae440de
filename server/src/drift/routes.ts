import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { addDriftGauges } from './gauges.js';
import { DriftMonitor } from './monitor.js';
import type { DriftOptions } from './options.js';

/** Measures the drift of all models that hold statistics of their training rows, and tells of it: `GET /drift`, and gauges. */
export function addDrift(app: FastifyInstance, context: Context, options: DriftOptions): void {
  if (options.enabled === false) return;
  const { repository, metrics, observers } = context;
  const monitor = new DriftMonitor(options);
  const reports = () =>
    repository.names.flatMap((name) =>
      repository.versionsOf(name).map((served) => monitor.report(served)),
    );
  observers.push(monitor.observe);
  addDriftGauges(metrics.registry, reports);
  app.get('/drift', { config: { scope: 'metrics' } }, () => ({ models: reports() }));
}
