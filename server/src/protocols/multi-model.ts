import { relative } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { HttpError } from '../http-error.js';
import { isRecord, parseJson } from '../json.js';
import { loadAsked } from '../load-asked.js';

interface Named {
  Params: { model: string };
}

const longestName = 300;

/** Amazon SageMaker's endpoints of several models, which it loads and unloads as they are asked for; `invocations` has those that answer. */
export function multiModel(app: FastifyInstance, context: Context): void {
  const { repository } = context;
  const guarded = { config: { scope: 'admin' } } as const;
  app.get('/models', guarded, () => ({ models: repository.names.map((name) => describe(name)) }));
  app.post('/models', guarded, async ({ body }) => {
    const document = parseJson((body as Uint8Array | undefined) ?? new Uint8Array());
    const { model_name: name, url } = isRecord(document) ? document : {};
    const isGood = typeof name === 'string' && name !== '' && name.length <= longestName;
    if (!isGood || typeof url !== 'string')
      throw new HttpError(400, 'malformed', 'expected {"model_name": NAME, "url": PATH}');
    await loadAsked(context, name, url);
    return describe(name);
  });
  app.get<Named>('/models/:model', guarded, ({ params }) => {
    repository.get(params.model);
    return describe(params.model);
  });
  app.delete<Named>('/models/:model', guarded, async ({ params }) => {
    await repository.unloadModel(params.model);
    return {};
  });

  const describe = (modelName: string) => {
    const [first] = repository.versionsOf(modelName);
    return { modelName, modelUrl: first ? relative(repository.root, first.path) : '' };
  };
}
