import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.js';
import { HttpError } from '../../http-error.js';
import { isRecord, parseJson } from '../../json.js';
import { loadAsked } from '../../load-asked.js';

interface Named {
  Params: { model: string };
}

/** What the models are, and, for those who may, which of them are loaded: the protocol's extension for repositories. */
export function repositoryRoutes(app: FastifyInstance, context: Context): void {
  const { repository } = context;
  app.post('/v2/repository/index', ({ body }) => {
    const { ready } = read(body);
    const states = repository.names.flatMap((name) => [
      ...repository.versionsOf(name).map(({ version }) => stateOf(name, version, '')),
      ...[...repository.failuresOf(name)].map(([version, reason]) =>
        stateOf(name, version, reason),
      ),
    ]);
    return ready === true ? states.filter(({ state }) => state === 'READY') : states;
  });
  const guarded = { config: { scope: 'admin' } } as const;
  app.post<Named>('/v2/repository/models/:model/load', guarded, async ({ params, body }) => {
    const { parameters } = read(body);
    const names = isRecord(parameters) ? Object.keys(parameters) : [];
    if (names.some((name) => name === 'config' || name.startsWith('file:')))
      throw new HttpError(501, 'unsupported', 'models and settings are not taken from requests');
    await loadAsked(context, params.model);
    return {};
  });
  app.post<Named>('/v2/repository/models/:model/unload', guarded, async ({ params }) => {
    await repository.unloadModel(params.model);
    return {};
  });
}

/** An empty body says nothing. */
function read(body: unknown): Readonly<Record<string, unknown>> {
  const bytes = body as Uint8Array | undefined;
  if (bytes === undefined || bytes.length === 0) return {};
  const document = parseJson(bytes);
  if (isRecord(document)) return document;
  throw new HttpError(400, 'malformed', 'expected an object');
}

/** @param reason why it is not there; empty where it is */
const stateOf = (name: string, version: string, reason: string) => ({
  name,
  version,
  state: reason === '' ? 'READY' : 'UNAVAILABLE',
  reason,
});
