import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import Negotiator from 'negotiator';
import type { Context } from '../context.js';
import { HttpError } from '../http-error.js';
import { packageFolder } from '../package-folder.js';
import { probe } from '../security/guard.js';
import type { ServedModel } from '../served-model.js';
import { serveFiles } from '../static-files.js';
import { describeForPage } from './describe.js';
import type { ModelList } from './reports.js';
import { Traffic } from './traffic.js';

/** What `npm run build` bundles of the folder `page`. */
const folder = fileURLToPath(new URL('dist/public/', packageFolder));

const files = {
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

/** The page at `/`, for people, and what it asks. */
export function page(app: FastifyInstance, { repository, metrics }: Context): void {
  const traffic = new Traffic(metrics);
  app.addHook('onReady', async () => traffic.start());
  app.addHook('onClose', async () => traffic.stop());

  let html: Promise<Buffer> | null = null;
  // Clients of KServe V1 and Azure ML look here, too: HTML is for those alone who would rather have it.
  app.get('/', probe, async (request, reply) => {
    reply.header('Vary', 'Accept');
    const wanted = new Negotiator(request).mediaType(['application/json', 'text/html']);
    if (wanted !== 'text/html') return { status: 'alive' };
    html ??= readFile(`${folder}index.html`);
    return reply.type('text/html; charset=utf-8').send(await html);
  });
  serveFiles(app, '/ui', () => folder, files);

  app.get('/ui/models', (): ModelList => {
    const models = repository.names.map((name) => ({
      name,
      versions: repository.versionsOf(name).map(({ version }) => version),
    }));
    const has = (url: string) => app.hasRoute({ method: 'GET', url });
    return { models, drift: has('/drift'), docs: has('/docs') };
  });
  const described = new WeakMap<ServedModel, string>();
  app.get<{ Params: { model: string; version: string } }>(
    '/ui/models/:model/versions/:version',
    ({ params }, reply) => {
      const served = repository.get(params.model, params.version);
      const text = described.get(served) ?? JSON.stringify(describeForPage(served));
      described.set(served, text);
      return reply.type('application/json; charset=utf-8').send(text);
    },
  );
  app.get<{ Querystring: { since?: string } }>(
    '/ui/statistics',
    { config: { scope: 'metrics' } },
    ({ query }) => {
      const { since = '0' } = query;
      if (!/^\d{1,15}$/.test(since))
        throw new HttpError(400, 'usage', 'expected milliseconds since 1970', 'since');
      return traffic.report(Number(since));
    },
  );
}
