import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.js';
import { tell } from '../../refusal.js';
import { probe } from '../../security/guard.js';
import type { ServedModel } from '../../served-model.js';
import { describeModel, describeServer } from './describe.js';
import { infer } from './infer.js';
import { introspection } from './introspection.js';
import { repositoryRoutes } from './repository.js';
import { readRequest } from './request.js';
import { encode, type Tensor } from './tensor.js';

interface Named {
  Params: { model: string; version?: string };
}

/** The Open Inference Protocol, second version, over HTTP: of KServe, Triton and MLServer, with binary tensors. */
export async function inferenceV2(app: FastifyInstance, context: Context): Promise<void> {
  const { repository, metrics } = context;
  app.setErrorHandler((error, request, reply) => {
    const told = tell(error, request, reply, metrics);
    const place = told.path === '' ? '' : `${told.path}: `;
    return reply.status(told.statusCode).send({ error: `${place}${told.message}` });
  });
  app.get('/v2', () =>
    describeServer(['binary_tensor_data', 'model_repository', 'model_configuration', 'statistics']),
  );
  app.get('/v2/health/live', probe, () => ({ live: true }));
  app.get('/v2/health/ready', probe, (_request, reply) => sayReady(context, reply));
  const of = ({ params }: FastifyRequest<Named>) =>
    repository.get(params.model, params.version ?? null);
  for (const at of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<Named>(at, (request) => describeModel(repository, of(request)));
    app.get<Named>(`${at}/ready`, probe, (request, reply) => {
      of(request);
      return sayReady(context, reply);
    });
    app.post<Named>(`${at}/infer`, (request, reply) => {
      const { model, version = null } = request.params;
      return answer(context, context.choose(request, reply, model, version), request, reply);
    });
  }
  repositoryRoutes(app, context);
  introspection(app, context);
}

function sayReady({ repository }: Context, reply: FastifyReply) {
  reply.status(repository.ready ? 200 : 503);
  return { ready: repository.ready };
}

async function answer(
  context: Context,
  served: ServedModel,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const header = request.headers['inference-header-content-length'] as string | undefined;
  const body = (request.body as Uint8Array | undefined) ?? new Uint8Array();
  const asked = readRequest(body, header, context.limits.cells);
  const outputs = await infer(context, request, asked);
  const binary = outputs.map((output) => (output.binary ? encode(output.tensor) : null));
  const document = {
    model_name: served.name,
    model_version: served.version,
    ...(asked.id !== null && { id: asked.id }),
    outputs: outputs.map(({ tensor }, i) => describe(tensor, binary[i] ?? null)),
  };
  if (binary.every((bytes) => bytes === null)) return document;
  const json = Buffer.from(JSON.stringify(document));
  reply.header('Inference-Header-Content-Length', json.length);
  reply.type('application/octet-stream');
  return reply.send(Buffer.concat([json, ...binary.filter((bytes) => bytes !== null)]));
}

function describe({ data, ...tensor }: Tensor, binary: Uint8Array | null) {
  if (binary === null) return { ...tensor, data };
  return { ...tensor, parameters: { binary_data_size: binary.length } };
}
