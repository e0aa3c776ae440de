import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { openApi } from './document.js';
import { swaggerUi } from './swagger-ui.js';

/** What the server answers, for programs and for people. */
export function documentation(app: FastifyInstance, context: Context): void {
  swaggerUi(app);
  const has = (url: string) => app.hasRoute({ method: 'GET', url });
  let made = { revision: -1, text: '' };
  app.get('/openapi.json', (_request, reply) => {
    const { revision } = context.repository;
    if (made.revision !== revision)
      made = { revision, text: JSON.stringify(openApi(context, has)) };
    reply.type('application/json; charset=utf-8');
    return reply.send(made.text);
  });
}
