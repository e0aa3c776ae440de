import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Asker, Context } from '../context.js';
import { isRecord, parseJson } from '../json.js';
import { plainAnswer, readPlain } from '../plain-form.js';
import { answerInstances } from './vertex.js';

/**
 * The plain way: `POST /predict {"features": [5.1, 3.5, 1.4, 0.2]}` is answered `{"prediction": ["setosa"]}`. `features` is a row, rows, a
 * record, records or columns by name; `method` another method of the model's; `"probabilities": true` brings those of a classifier too.
 */
export function plain(app: FastifyInstance, context: Context): void {
  // Vertex AI may be told this address, too: what it sends is known by its content.
  const isVertex = process.env.AIP_PREDICT_ROUTE === '/predict';
  app.post('/predict', (request, reply) => {
    context.choose(request, reply);
    const body = bodyOf(request);
    return isVertex && isRecord(body) && Object.hasOwn(body, 'instances')
      ? answerInstances(context, request, body)
      : predict(context, request, body);
  });
  app.post<{ Params: { model: string } }>('/models/:model/predict', (request, reply) => {
    context.choose(request, reply, request.params.model);
    return predict(context, request, bodyOf(request));
  });
  app.post<{ Params: { model: string; version: string } }>(
    '/models/:model/versions/:version/predict',
    (request, reply) => {
      const { model, version } = request.params;
      context.choose(request, reply, model, version);
      return predict(context, request, bodyOf(request));
    },
  );
}

const bodyOf = ({ body }: Pick<FastifyRequest, 'body'>): unknown => parseJson(body as Uint8Array);

function predict(context: Context, asker: Asker, body: unknown): object {
  const { model } = asker.served!;
  const { features, methods } = readPlain(model, body);
  const answers = context.answer(asker, methods, features, 'features');
  return answers instanceof Promise
    ? answers.then((later) => plainAnswer(model, later))
    : plainAnswer(model, answers);
}
