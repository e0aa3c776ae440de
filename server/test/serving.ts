import { fileURLToPath } from 'node:url';
import { type Served, type ServeOptions, serve } from '../src/index.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
export const fixture = (path: string): string => `${project}${path}`;
/** A forest of flowers: four named columns, three words as classes. */
export const iris = fixture('fixtures/demo/model.json');

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
  /** The body as JSON. */
  readonly json: unknown;
}

/** A server on a port of its own, and ways to ask it. */
export interface Asked extends Served {
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export async function startServer(path: string, options: ServeOptions = {}): Promise<Asked> {
  const served = await serve(path, { port: 0, ...options });
  const read = async (response: Response): Promise<Answer> => {
    const body = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && body !== '';
    const json: unknown = isJson && !body.includes('\n') ? JSON.parse(body) : null;
    return { status: response.status, body, headers: response.headers, json };
  };
  return {
    ...served,
    get: async (to) => read(await fetch(served.address + to)),
    post: async (to, body, headers = {}) => {
      const isPlain = typeof body === 'string' || body instanceof Uint8Array;
      const sent = isPlain ? (body as string) : JSON.stringify(body);
      return read(await fetch(served.address + to, { method: 'POST', body: sent, headers }));
    },
  };
}

/** All that a server answers to, as Fastify lists it. */
export function routesOf({ app }: Asked): [method: string, path: string][] {
  const lines = app.printRoutes({ commonPrefix: false }).split('\n');
  const found: [string, string][] = [];
  const trail: string[] = [];
  for (const line of lines) {
    const [, indent, part, methods] = /^([│ ]*)[└├]── (\S*) \((.+)\)$/.exec(line) ?? [];
    if (indent === undefined) continue;
    trail.length = indent.length / 4;
    trail.push(part!);
    for (const method of methods!.split(', ')) found.push([method, trail.join('')]);
  }
  return found;
}
