import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/**
 * Serves files of a folder, by their names, and their types. They are read when somebody first asks, tell nothing of the models, and ask for
 * no token.
 *
 * @param folder is asked for the first time a file is
 */
export function serveFiles(
  app: FastifyInstance,
  prefix: string,
  folder: () => string,
  files: Readonly<Record<string, string>>,
): void {
  const read = new Map<string, Promise<Buffer>>();
  for (const [name, type] of Object.entries(files))
    app.get(`${prefix}/${name}`, { config: { scope: null } }, async (_request, reply) => {
      const found = read.get(name) ?? readFile(join(folder(), name));
      read.set(name, found);
      return reply
        .type(type)
        .header('Cache-Control', 'max-age=300')
        .send(await found);
    });
}
