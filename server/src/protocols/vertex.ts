import type { FastifyInstance } from 'fastify';
import { methodOf } from '../answer.js';
import type { Context } from '../context.js';
import { HttpError } from '../http-error.js';
import { isRecord, parseJson } from '../json.js';

/** Google Vertex AI, which says its addresses in the environment, and Azure ML, whose are fixed. */
export function vertex(app: FastifyInstance, context: Context): void {
  const { AIP_PREDICT_ROUTE: predict, AIP_HEALTH_ROUTE: health } = process.env;
  if (predict !== undefined) app.post(predict, ({ body }) => answer(context, body as Uint8Array));
  if (health !== undefined)
    app.get(health, (_request, reply) => {
      reply.status(context.repository.ready ? 200 : 503);
      return {};
    });
  app.post('/score', ({ body }) => answer(context, body as Uint8Array));
}

function answer(context: Context, body: Uint8Array) {
  const served = context.repository.get();
  const document = parseJson(body);
  if (!isRecord(document) || !Array.isArray(document.instances))
    throw new HttpError(400, 'malformed', 'expected {"instances": [rows]}');
  const method = isRecord(document.parameters) ? document.parameters.method : undefined;
  const [predictions] = context.answer(
    served,
    [methodOf(served, method)],
    document.instances,
    'instances',
  );
  return { predictions };
}
