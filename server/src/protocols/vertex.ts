import type { FastifyInstance } from 'fastify';
import { NuthatchError } from 'nuthatch';
import { methodOf } from '../answer.js';
import type { Asker, Context } from '../context.js';
import { HttpError } from '../http-error.js';
import { isRecord, parseJson } from '../json.js';
import { probe } from '../security/guard.js';

/** Addresses of other protocols that answer `instances`, too. */
const answering: ReadonlySet<string> = new Set(['/predict', '/invocations']);

/** Google Vertex AI, which says its addresses in the environment, and Azure ML, whose are fixed. */
export function vertex(app: FastifyInstance, context: Context): void {
  const { AIP_PREDICT_ROUTE: predict = '/score', AIP_HEALTH_ROUTE: health } = process.env;
  for (const path of new Set(['/score', predict])) {
    if (answering.has(path)) continue;
    const url = addressOf(path, 'AIP_PREDICT_ROUTE');
    if (app.hasRoute({ method: 'POST', url }))
      throw new NuthatchError('usage', 'AIP_PREDICT_ROUTE', `${path} is for something else here`);
    app.post(url, (request, reply) => {
      context.choose(request, reply);
      return answerInstances(context, request, parseJson(request.body as Uint8Array));
    });
  }
  if (health === undefined) return;
  const url = addressOf(health, 'AIP_HEALTH_ROUTE');
  if (app.hasRoute({ method: 'GET', url })) return;
  app.get(url, probe, (_request, reply) => {
    reply.status(context.repository.ready ? 200 : 503);
    return {};
  });
}

/** An address as a router takes it, for which a colon would begin a parameter: Vertex AI's own end with `:predict`. */
function addressOf(path: string, variable: string): string {
  if (!/^\/[^*?#]*$/.test(path))
    throw new NuthatchError('usage', variable, 'expected a path, such as /predict');
  return path.replaceAll(':', '::');
}

/** Rows in `instances`, with a method among `parameters`. */
export async function answerInstances(context: Context, asker: Asker, document: unknown) {
  if (!isRecord(document) || !Array.isArray(document.instances))
    throw new HttpError(400, 'malformed', 'expected {"instances": [rows]}');
  const { parameters = {}, instances } = document;
  if (!isRecord(parameters))
    throw new HttpError(400, 'malformed', 'expected parameters by name', 'parameters');
  const methods = [methodOf(asker.served!, parameters.method)];
  const [predictions] = await context.answer(asker, methods, instances, 'instances');
  return { predictions };
}
