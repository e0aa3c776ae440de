import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** Files of Swagger UI, by their names, and their types. */
const files = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;

/** Nothing of another host. Swagger UI writes styles into its elements, and has its icons in its own style sheet. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>nuthatch: routes</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
`;

/** The token, where one is asked for, is kept in the page's memory alone. */
const start = `const show = async (token) => {
  const headers = token ? { Authorization: 'Bearer ' + token } : {};
  const response = await fetch('openapi.json', { headers });
  if (response.status === 401) {
    const given = prompt('A token of this server');
    if (given) return show(given);
  }
  SwaggerUIBundle({
    spec: await response.json(),
    dom_id: '#swagger-ui',
    validatorUrl: null,
    docExpansion: 'list',
    requestInterceptor: (request) => {
      Object.assign(request.headers, headers);
      return request;
    },
  });
};
show();
`;

/** Swagger UI at /docs: its files are read when somebody first looks. They tell nothing of the models, and ask for no token. */
export function swaggerUi(app: FastifyInstance): void {
  const open = { config: { scope: null } } as const;
  const read = new Map<string, Promise<Buffer>>();
  const fileOf = (name: string): Promise<Buffer> => {
    const folder = dirname(
      createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json'),
    );
    const found = read.get(name) ?? readFile(join(folder, 'static', name));
    read.set(name, found);
    return found;
  };
  app.get('/docs', open, (_request, reply) =>
    reply.header('Content-Security-Policy', policy).type('text/html; charset=utf-8').send(page),
  );
  app.get('/docs/start.js', open, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(start),
  );
  for (const [name, type] of Object.entries(files))
    app.get(`/docs/${name}`, open, async (_request, reply) =>
      reply
        .type(type)
        .header('Cache-Control', 'max-age=3600')
        .send(await fileOf(name)),
    );
}
