import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { policy } from '../security/headers.js';
import { serveFiles } from '../static-files.js';

/** Files of Swagger UI, by their names, and their types. */
const files = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;

/** Swagger UI writes styles into its elements, and has its icons in its own style sheet. */
const helmet = {
  contentSecurityPolicy: policy({
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
  }),
};

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
  const folder = () =>
    join(
      dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')),
      'static',
    );
  app.get('/docs', { ...open, helmet }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(page),
  );
  app.get('/docs/start.js', open, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(start),
  );
  serveFiles(app, '/docs', folder, files);
}
