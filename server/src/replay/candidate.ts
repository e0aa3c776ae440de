import type { FastifyInstance } from 'fastify';
import { createApp } from '../app.js';
import { lengthHeader } from '../capture/http.js';
import { Context } from '../context.js';
import { createLog } from '../log.js';
import { Metrics } from '../metrics.js';
import { Repository } from '../repository.js';
import type { Kept, Side } from './kept.js';

/** A model that is asked in this process, under the name that clients knew. */
export interface Candidate {
  readonly app: FastifyInstance;
  readonly context: Context;
}

const mostBytes = 999_999_999;

/** @throws NuthatchError of the model */
export async function openCandidate(path: string, name: string): Promise<Candidate> {
  const repository = new Repository();
  const context = new Context(repository, new Metrics(), { rows: 10_000_000, cells: mostBytes });
  const app = createApp(context, {
    log: createLog(false),
    limits: { bodyBytes: mostBytes },
    security: {},
    tls: null,
    docs: false,
    page: false,
  });
  await repository.load(path, name);
  app.addHook('onClose', () => repository.close());
  return { app, context };
}

/** The answer; null where the request is refused. */
export async function ask({ app, context }: Candidate, kept: Kept): Promise<Side | null> {
  // Its libraries are loaded for those alone who kept such calls.
  if (kept.path.startsWith('/inference.')) return (await import('./call.js')).ask(context, kept);
  const { path, input, output } = kept;
  const answer = await app.inject({
    method: 'POST',
    url: path,
    headers: {
      'content-type': input.type,
      // A client may have asked for another form than that of its request.
      accept: output.type,
      ...(input.jsonBytes !== null && { [lengthHeader]: String(input.jsonBytes) }),
    },
    payload: input.bytes,
  });
  if (answer.statusCode !== 200) return null;
  const length = answer.headers[lengthHeader];
  return {
    type: String(answer.headers['content-type']),
    bytes: answer.rawPayload,
    jsonBytes: length === undefined ? null : Number(length),
  };
}
