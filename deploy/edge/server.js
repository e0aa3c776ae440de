// The same for Deno and Bun, in a folder with model.nut and nuthatch and @nuthatch/server of npm:
//   deno serve --allow-read=. --port 8080 server.js
//   PORT=8080 bun server.js
import { readFile } from 'node:fs/promises';
import { createFetchHandler } from '@nuthatch/server/fetch';
import { load, webAssembly } from 'nuthatch';

const bytes = await readFile(new URL('model.nut', import.meta.url));
const handler = createFetchHandler(load(bytes, { accelerator: webAssembly }));

export default { fetch: (request) => handler(request) };
