import type { Model } from 'nuthatch';
import { answer } from './answer.js';
import { HttpError, toHttpError } from './http-error.js';
import { parseJsonText } from './json-text.js';
import { plainAnswer, readPlain } from './plain-form.js';
import { readRows } from './rows.js';

/** What a request may be; default: as of `serve`. */
export interface FetchLimits {
  /** Rows of one request, and cells of them. */
  readonly rows?: number;
  readonly cells?: number;
  /** Bytes of a body, compressed or not. */
  readonly bodyBytes?: number;
}

export type FetchHandler = (request: Request) => Promise<Response>;

/**
 * Answers the plain protocol as `serve` does, `POST /predict`, `GET /healthz` and `/readyz`, where there is no server but a function that is
 * asked: Cloudflare Workers, Deno, Bun, a service worker. It needs nothing of Node.
 *
 * @param model one, or what brings it: asked by the first request, and again by the next if that fails
 */
export function createFetchHandler(
  model: Model | (() => Promise<Model>),
  { rows = 10_000, cells = 1_000_000, bodyBytes = 6 * 2 ** 20 }: FetchLimits = {},
): FetchHandler {
  let loaded = typeof model === 'function' ? null : model;
  // Requests that come while it is loaded each load it: Workers end what one request has begun with that request, so no other may wait for it.
  const load = async (): Promise<Model> => {
    if (loaded !== null) return loaded;
    try {
      loaded = await (model as () => Promise<Model>)();
    } catch (error) {
      console.error(error);
      throw new HttpError(503, 'not-ready', 'the model cannot be loaded; the log says why');
    }
    return loaded;
  };
  const routes: Readonly<Record<string, (request: Request) => Promise<object>>> = {
    'GET /healthz': async () => ({ status: 'alive' }),
    'GET /readyz': async () => {
      await load();
      return { status: 'ready' };
    },
    'POST /predict': async (request) => {
      const own = await load();
      const body = parseJsonText(await readText(request, bodyBytes));
      const { features, methods } = readPlain(own, body);
      const { rows: read } = readRows({ model: own }, features, 'features', { rows, cells });
      return plainAnswer(
        own,
        methods.map((method) => answer({ model: own }, method, read)),
      );
    },
  };
  return async (request) => {
    const asked = `${request.method} ${new URL(request.url).pathname}`;
    try {
      if (!Object.hasOwn(routes, asked))
        throw new HttpError(404, 'not-found', `there is no ${asked}`);
      return respond(200, await routes[asked]!(request));
    } catch (error) {
      const { statusCode, code, message, path } = toHttpError(error);
      if (statusCode === 500) console.error(error);
      return respond(statusCode, { error: { code, message, path } });
    }
  };
}

const respond = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });

/** A body as text, inflated if it is compressed, of so many bytes at most. @throws HttpError 400, 413, 415 */
async function readText({ body, headers }: Request, most: number): Promise<string> {
  if (body === null) throw new HttpError(400, 'malformed', 'there is no body');
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'deflate')
    throw new HttpError(415, 'unsupported', 'bodies may be compressed by gzip or deflate');
  const stream =
    encoding === 'identity' ? body : body.pipeThrough(new DecompressionStream(encoding));
  const reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parts: string[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > most)
        throw new HttpError(413, 'body-too-large', `a body may have ${most} bytes`);
      parts.push(decoder.decode(value, { stream: true }));
    }
    return parts.join('') + decoder.decode();
  } catch (error) {
    await reader.cancel().catch(() => {});
    if (error instanceof HttpError) throw error;
    const what = encoding === 'identity' ? 'UTF-8' : `UTF-8 in ${encoding}`;
    throw new HttpError(400, 'malformed', `the body is not ${what}`);
  }
}
