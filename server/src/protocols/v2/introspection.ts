import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../../context.js';
import { HttpError } from '../../http-error.js';
import type { ServedModel } from '../../served-model.js';
import type { Timed } from '../../statistics.js';
import { inputsOf, outputsOf, type Slot } from './signature.js';

interface Named {
  Params: { model: string; version?: string };
}

/** What Triton tells of its models beyond the protocol, and what of Triton there is not here. */
export function introspection(app: FastifyInstance, { repository, limits }: Context): void {
  const of = ({ params }: FastifyRequest<Named>) =>
    repository.get(params.model, params.version ?? null);
  for (const at of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<Named>(`${at}/config`, (request) => configOf(of(request), limits.rows));
    app.get<Named>(`${at}/stats`, (request) => {
      const served = of(request);
      const all = request.params.version ? [served] : repository.versionsOf(served.name);
      return { model_stats: all.map(statisticsOf) };
    });
    app.route({ method: ['GET', 'POST'], url: `${at}/trace/setting`, handler: missing });
  }
  app.get('/v2/models/stats', () => ({
    model_stats: repository.names.flatMap((name) => repository.versionsOf(name).map(statisticsOf)),
  }));
  const regions = ['status', 'unregister', 'region/:region/:action'];
  const shared = ['system', 'cuda'].flatMap((sort) =>
    regions.map((at) => `${sort}sharedmemory/${at}`),
  );
  for (const at of ['trace/setting', 'logging', ...shared])
    app.route({ method: ['GET', 'POST'], url: `/v2/${at}`, handler: missing });
}

function missing(): never {
  throw new HttpError(501, 'unsupported', 'traces, logs and shared memory are not served');
}

function configOf(served: ServedModel, mostRows: number) {
  return {
    name: served.name,
    platform: 'nuthatch',
    backend: 'nuthatch',
    version_policy: { specific: { versions: [Number(served.version)] } },
    max_batch_size: mostRows,
    input: inputsOf(served).map(describe),
    output: outputsOf(served).map(describe),
    parameters: { digest: { string_value: served.digest } },
  };
}

/** In Triton's words, without the rows. */
const describe = ({ name, datatype, shape }: Slot) => ({
  name,
  data_type: `TYPE_${datatype === 'BYTES' ? 'STRING' : datatype}`,
  dims: shape.length === 1 ? [1] : shape.slice(1),
});

const never: Timed = { count: 0, ns: 0 };

/** In Triton's shape: nothing comes from a cache, and making the response is not timed apart. */
function statisticsOf({ name, version, statistics, bytes }: ServedModel) {
  const { last, rows, success, fail, queue, input, infer } = statistics;
  return {
    name,
    version,
    last_inference: last,
    inference_count: rows,
    execution_count: infer.count,
    inference_stats: {
      success,
      fail,
      queue,
      compute_input: input,
      compute_infer: infer,
      compute_output: never,
      cache_hit: never,
      cache_miss: never,
    },
    response_stats: {},
    batch_stats: [],
    memory_usage: [{ type: 'CPU', id: 0, byte_size: bytes }],
  };
}
