import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { MethodName } from 'nuthatch';
import { methodOf } from '../answer.js';
import type { Context } from '../context.js';
import { HttpError } from '../http-error.js';
import { isRecord, parseJson } from '../json.js';
import type { ServedModel } from '../served-model.js';

/**
 * The plain way: `POST /predict {"features": [5.1, 3.5, 1.4, 0.2]}` is answered `{"prediction": ["setosa"]}`. `features` is a row, rows, a
 * record, records or columns by name; `method` another method of the model's; `"probabilities": true` brings those of a classifier too.
 */
export function plain(app: FastifyInstance, context: Context): void {
  app.post('/predict', (request, reply) =>
    predict(context, context.choose(request, reply), request),
  );
  app.post<{ Params: { model: string } }>('/models/:model/predict', (request, reply) =>
    predict(context, context.choose(request, reply, request.params.model), request),
  );
  app.post<{ Params: { model: string; version: string } }>(
    '/models/:model/versions/:version/predict',
    (request, reply) => {
      const { model, version } = request.params;
      return predict(context, context.choose(request, reply, model, version), request);
    },
  );
}

async function predict(context: Context, served: ServedModel, request: FastifyRequest) {
  const body = parseJson(request.body as Uint8Array);
  if (!isRecord(body) || !Object.hasOwn(body, 'features'))
    throw new HttpError(400, 'malformed', 'expected {"features": …}: a row, rows or records');
  const method = methodOf(served, body.method);
  const methods: MethodName[] = [method];
  const { probabilities: wanted = false } = body;
  if (typeof wanted !== 'boolean')
    throw new HttpError(400, 'usage', 'expected true or false', 'probabilities');
  if (wanted) methods.push(methodOf(served, 'predict_proba'));
  const [prediction, probabilities] = await context.answer(
    served,
    methods,
    body.features,
    'features',
  );
  return {
    prediction,
    ...(probabilities && { probabilities, classes: classesOf(served) }),
  };
}

const classesOf = ({ model }: ServedModel): unknown =>
  model.task === 'classifier' ? model.classes : undefined;
