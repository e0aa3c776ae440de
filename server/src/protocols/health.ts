import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { probe } from '../security/guard.js';

/** Whether the process lives, whether it should be sent work, and what it measures. */
export function health(app: FastifyInstance, { repository, metrics }: Context): void {
  app.get('/healthz', probe, () => ({ status: 'alive' }));
  app.get('/readyz', probe, (_request, reply) => {
    reply.status(repository.ready ? 200 : 503);
    return { status: repository.ready ? 'ready' : 'not ready' };
  });
  app.get('/metrics', { config: { scope: 'metrics' } }, async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
