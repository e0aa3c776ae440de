import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.js';
import { HttpError, toHttpError } from '../../http-error.js';
import { probe } from '../../security/guard.js';
import type { ServedModel } from '../../served-model.js';
import { introspection } from './introspection.js';
import { repositoryRoutes } from './repository.js';
import { readRequest } from './request.js';
import { defaultOutput, inputsOf, outputsOf, rowsOf, tensorOf } from './signature.js';
import { encode, type Tensor } from './tensor.js';

interface Named {
  Params: { model: string; version?: string };
}

/** The Open Inference Protocol, second version, over HTTP: of KServe, Triton and MLServer, with binary tensors. */
export async function inferenceV2(app: FastifyInstance, context: Context): Promise<void> {
  const { repository, metrics } = context;
  app.setErrorHandler((error, request, reply) => {
    const told = toHttpError(error);
    if (told.statusCode >= 500) request.log.error(error);
    metrics.errors.inc({ code: told.code });
    const place = told.path === '' ? '' : `${told.path}: `;
    return reply.status(told.statusCode).send({ error: `${place}${told.message}` });
  });
  app.get('/v2', () => ({
    name: 'nuthatch',
    version: '0.1.0',
    extensions: ['binary_tensor_data', 'model_repository', 'model_configuration', 'statistics'],
  }));
  app.get('/v2/health/live', probe, () => ({ live: true }));
  app.get('/v2/health/ready', probe, (_request, reply) => sayReady(context, reply));
  const of = ({ params }: FastifyRequest<Named>) =>
    repository.get(params.model, params.version ?? null);
  for (const at of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<Named>(at, (request) => {
      const served = of(request);
      return {
        name: served.name,
        versions: repository.versionsOf(served.name).map(({ version }) => version),
        platform: 'nuthatch',
        inputs: inputsOf(served),
        outputs: outputsOf(served),
      };
    });
    app.get<Named>(`${at}/ready`, probe, (request, reply) => {
      of(request);
      return sayReady(context, reply);
    });
    app.post<Named>(`${at}/infer`, (request, reply) => {
      const { model, version = null } = request.params;
      return infer(context, context.choose(request, reply, model, version), request, reply);
    });
  }
  repositoryRoutes(app, context);
  introspection(app, context);
}

function sayReady({ repository }: Context, reply: FastifyReply) {
  reply.status(repository.ready ? 200 : 503);
  return { ready: repository.ready };
}

async function infer(
  context: Context,
  served: ServedModel,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const header = request.headers['inference-header-content-length'] as string | undefined;
  const asked = readRequest((request.body as Uint8Array | undefined) ?? new Uint8Array(), header);
  const offered = outputsOf(served);
  const wanted = asked.outputs ?? [{ name: defaultOutput(served), binary: asked.binary }];
  const slots = wanted.map(({ name }, i) => {
    const slot = offered.find((one) => one.name === name);
    if (slot !== undefined) return slot;
    const names = offered.map((one) => one.name).join(', ');
    throw new HttpError(400, 'usage', `this model has the outputs ${names}`, `outputs[${i}]`);
  });
  const rows = rowsOf(served, asked.inputs);
  const answers = await context.answer(
    served,
    slots.map(({ name }) => name as ReturnType<typeof defaultOutput>),
    rows,
    'inputs',
  );
  const tensors = slots.map((slot, i) => tensorOf(slot, answers[i]!));
  const binary = tensors.map((tensor, i) => (wanted[i]!.binary ? encode(tensor) : null));
  const document = {
    model_name: served.name,
    model_version: served.version,
    ...(asked.id !== null && { id: asked.id }),
    outputs: tensors.map((tensor, i) => describe(tensor, binary[i] ?? null)),
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
