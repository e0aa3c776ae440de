import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';

/** Whether the process lives, whether it should be sent work, and what it measures. */
export function health(app: FastifyInstance, { repository, metrics }: Context): void {
  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', (_request, reply) => {
    reply.status(repository.ready ? 200 : 503);
    return { status: repository.ready ? 'ready' : 'not ready' };
  });
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
