import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { methodOf } from '../answer.js';
import type { Context } from '../context.js';
import { HttpError } from '../http-error.js';
import { isRecord, parseJson } from '../json.js';
import { probe } from '../security/guard.js';

/** Google Vertex AI, which says its addresses in the environment, and Azure ML, whose are fixed. */
export function vertex(app: FastifyInstance, context: Context): void {
  const { AIP_PREDICT_ROUTE: predict, AIP_HEALTH_ROUTE: health } = process.env;
  // Both may name an address that is there anyway.
  for (const path of new Set(['/score', predict ?? '/score']))
    app.post(path, (request, reply) => answer(context, request, reply));
  if (health !== undefined && !app.hasRoute({ method: 'GET', url: health }))
    app.get(health, probe, (_request, reply) => {
      reply.status(context.repository.ready ? 200 : 503);
      return {};
    });
}

async function answer(context: Context, request: FastifyRequest, reply: FastifyReply) {
  const served = context.choose(request, reply);
  const document = parseJson(request.body as Uint8Array);
  if (!isRecord(document) || !Array.isArray(document.instances))
    throw new HttpError(400, 'malformed', 'expected {"instances": [rows]}');
  const { parameters = {}, instances } = document;
  if (!isRecord(parameters))
    throw new HttpError(400, 'malformed', 'expected parameters by name', 'parameters');
  const [predictions] = await context.answer(
    served,
    [methodOf(served, parameters.method)],
    instances,
    'instances',
  );
  return { predictions };
}
