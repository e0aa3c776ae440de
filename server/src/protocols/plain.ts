import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.js';
import { isRecord, parseJson } from '../json.js';
import { plainAnswer, readPlain } from '../plain-form.js';
import type { ServedModel } from '../served-model.js';
import { answerInstances } from './vertex.js';

/**
 * The plain way: `POST /predict {"features": [5.1, 3.5, 1.4, 0.2]}` is answered `{"prediction": ["setosa"]}`. `features` is a row, rows, a
 * record, records or columns by name; `method` another method of the model's; `"probabilities": true` brings those of a classifier too.
 */
export function plain(app: FastifyInstance, context: Context): void {
  // Vertex AI may be told this address, too: what it sends is known by its content.
  const isVertex = process.env.AIP_PREDICT_ROUTE === '/predict';
  app.post('/predict', (request, reply) => {
    const served = context.choose(request, reply);
    const body = bodyOf(request);
    return isVertex && isRecord(body) && Object.hasOwn(body, 'instances')
      ? answerInstances(context, served, body)
      : predict(context, served, body);
  });
  app.post<{ Params: { model: string } }>('/models/:model/predict', (request, reply) => {
    const served = context.choose(request, reply, request.params.model);
    return predict(context, served, bodyOf(request));
  });
  app.post<{ Params: { model: string; version: string } }>(
    '/models/:model/versions/:version/predict',
    (request, reply) => {
      const { model, version } = request.params;
      return predict(context, context.choose(request, reply, model, version), bodyOf(request));
    },
  );
}

const bodyOf = ({ body }: Pick<FastifyRequest, 'body'>): unknown => parseJson(body as Uint8Array);

async function predict(context: Context, served: ServedModel, body: unknown) {
  const { features, methods } = readPlain(served.model, body);
  return plainAnswer(served.model, await context.answer(served, methods, features, 'features'));
}
