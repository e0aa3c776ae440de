import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.js';
import { HttpError } from '../../http-error.js';
import { isRecord, parseJson } from '../../json.js';
import { loadAsked } from '../../load-asked.js';
import type { Repository } from '../../repository.js';

interface Named {
  Params: { model: string };
}

/** What the models are, and, for those who may, which of them are loaded: the protocol's extension for repositories. */
export function repositoryRoutes(app: FastifyInstance, context: Context): void {
  const { repository } = context;
  app.post('/v2/repository/index', ({ body }) => {
    return indexOf(repository, read(body).ready === true);
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

/** All versions, those that could not be loaded among them, or those that are ready. */
export function indexOf(repository: Repository, onlyReady: boolean): VersionState[] {
  return repository.names.flatMap((name) => {
    const ready = repository.versionsOf(name).map(({ version }) => stateOf(name, version, ''));
    const failures = onlyReady ? [] : [...repository.failuresOf(name)];
    return [...ready, ...failures.map(([version, reason]) => stateOf(name, version, reason))];
  });
}

interface VersionState {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'UNAVAILABLE';
  /** Why it is not there; empty where it is. */
  readonly reason: string;
}

/** An empty body says nothing. */
function read(body: unknown): Readonly<Record<string, unknown>> {
  const bytes = body as Uint8Array | undefined;
  if (bytes === undefined || bytes.length === 0) return {};
  const document = parseJson(bytes);
  if (isRecord(document)) return document;
  throw new HttpError(400, 'malformed', 'expected an object');
}

const stateOf = (name: string, version: string, reason: string): VersionState => ({
  name,
  version,
  state: reason === '' ? 'READY' : 'UNAVAILABLE',
  reason,
});
