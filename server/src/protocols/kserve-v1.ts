import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { methodOf } from '../answer.js';
import type { Context } from '../context.js';
import { HttpError } from '../http-error.js';
import { isRecord, parseJson } from '../json.js';

/** KServe's first protocol, which is that of TensorFlow Serving: rows in `instances`, or in `inputs`, by column name too. */
export function kserveV1(app: FastifyInstance, context: Context): void {
  const { repository } = context;
  app.get('/v1/models', () => ({ models: repository.names }));
  app.get<{ Params: { model: string } }>('/v1/models/:model', ({ params }, reply) => {
    const served = repository.get(params.model);
    reply.status(repository.ready ? 200 : 503);
    return {
      name: served.name,
      ready: repository.ready,
      // TensorFlow Serving's clients look at these.
      model_version_status: repository.versionsOf(served.name).map(({ version }) => ({
        version,
        state: 'AVAILABLE',
        status: { error_code: 'OK', error_message: '' },
      })),
    };
  });
  app.post<{ Params: { target: string } }>('/v1/models/:target', (request, reply) =>
    run(context, request, reply, request.params.target, null),
  );
  app.post<{ Params: { model: string; target: string } }>(
    '/v1/models/:model/versions/:target',
    (request, reply) => run(context, request, reply, request.params.target, request.params.model),
  );
}

/** `NAME:predict`, or of a model `VERSION:predict`: routers take a colon for a parameter's. */
async function run(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  target: string,
  model: string | null,
) {
  const at = target.lastIndexOf(':');
  const [own, verb] = [target.slice(0, at), target.slice(at + 1)];
  if (at < 1 || !verbs.includes(verb))
    throw new HttpError(404, 'not-found', `expected a name and one of ${verbs.join(', ')}`);
  const served = context.choose(request, reply, model ?? own, model === null ? null : own);
  if (verb !== 'predict') throw new HttpError(501, 'unsupported', `${verb} is not served`);
  const [rows, path] = rowsOf(parseJson(request.body as Uint8Array));
  const [predictions] = await context.answer(request, [methodOf(served, null)], rows, path);
  return path === 'instances' ? { predictions } : { outputs: predictions };
}

const verbs: readonly string[] = ['predict', 'explain', 'classify', 'regress'];

function rowsOf(body: unknown): readonly [rows: unknown, path: 'instances' | 'inputs'] {
  if (isRecord(body)) {
    if (Object.hasOwn(body, 'instances')) return [body.instances, 'instances'];
    if (Object.hasOwn(body, 'inputs')) return [body.inputs, 'inputs'];
  }
  throw new HttpError(400, 'malformed', 'expected {"instances": [rows]}');
}
