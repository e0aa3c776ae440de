import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from '../http-error.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Its own: parsers of bodies are told of requests alone. null before its head was looked at. */
    reply: FastifyReply | null;
  }
}

/** What is as small as that always passes: of all connections together it takes little. */
const small = 2 ** 16;

export interface HeldLimits {
  /** Of one body, as it comes and inflated. */
  readonly bodyBytes: number;
  /** Of all large bodies and answers that are under way. */
  readonly heldBytes: number;
  /** In which a client has to take an answer. */
  readonly answerMs: number;
}

/** A body; of one that is inflated it is told how much of it came. */
type Payload = NodeJS.ReadableStream & { readonly receivedEncodedLength?: number };
type Done = (error: Error | null, body?: Buffer) => void;

const encodedLength = ({ receivedEncodedLength = 0 }: Payload): number => receivedEncodedLength;

/**
 * Reads bodies whole, of any type, and counts what large ones and large answers take until they have come or gone: a thousand clients that
 * send or read slowly hold no more than that.
 *
 * @param isBehind whether so much work waits that a large body had better not be read
 */
export function holdBytes(
  app: FastifyInstance,
  types: readonly string[],
  { bodyBytes, heldBytes, answerMs }: HeldLimits,
  isBehind: () => boolean,
): void {
  let held = 0;
  /** Returns what is to be called with each part. */
  const holdUntilClosed = ({ raw }: FastifyReply): ((bytes: number) => void) => {
    let own = 0;
    // A request does not close where its body is not read to its end; a reply always does.
    raw.once('close', () => {
      held -= own;
    });
    return (bytes) => {
      own += bytes;
      held += bytes;
    };
  };
  const read = (request: FastifyRequest, payload: Payload, done: Done): void => {
    const announced = Number(request.headers['content-length'] ?? Number.NaN);
    const { reply } = request;
    const chunks: Buffer[] = [];
    let length = 0;
    let hold: ((bytes: number) => void) | null = null;
    // Three listeners less: what comes after the end is passed over.
    let ended = false;
    const end = (error: Error | null): void => {
      if (ended) return;
      ended = true;
      if (error !== null) done(error);
      // Of a body in one part, which nobody else has, no copy is made.
      else done(null, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length));
    };
    const refusal = (bytes: number): Error | null => {
      if (length > bodyBytes || encodedLength(payload) > bodyBytes) return tooLarge(bodyBytes);
      if (length <= small || reply === null) return null;
      if (hold === null && isBehind()) return overloaded();
      const first = hold === null;
      hold ??= holdUntilClosed(reply);
      hold(first ? length : bytes);
      return held > heldBytes ? overloaded() : null;
    };
    const take = (chunk: Buffer): void => {
      if (ended) return;
      length += chunk.length;
      chunks.push(chunk);
      const refused = refusal(chunk.length);
      if (refused !== null) end(refused);
    };
    const finish = (): void => {
      const came = encodedLength(payload) || length;
      const isWhole = Number.isNaN(announced) || came === announced;
      end(isWhole ? null : new HttpError(400, 'invalid-content-length', `${came} bytes came`));
    };
    const fail = (error: Error & { statusCode?: number }): void =>
      end(Object.assign(error, { statusCode: error.statusCode ?? 400 }));
    if (announced > bodyBytes) done(tooLarge(bodyBytes));
    else payload.on('data', take).on('end', finish).on('error', fail).resume();
  };
  app.decorateRequest('reply', null);
  app.addContentTypeParser([...types], (request, payload, done: Done) =>
    read(request, payload as Payload, done),
  );
  app.addHook('onSend', (_request, reply, payload: unknown, done) => {
    const bytes = sizeOf(payload);
    if (bytes > small) {
      holdUntilClosed(reply)(bytes);
      const { raw } = reply;
      const late = setTimeout(() => raw.destroy(), answerMs).unref();
      raw.once('close', () => clearTimeout(late));
    }
    done(null, payload);
  });
}

/** Of a string at least. */
const sizeOf = (payload: unknown): number =>
  typeof payload === 'string' || payload instanceof Uint8Array ? payload.length : 0;

const tooLarge = (bytes: number): HttpError =>
  new HttpError(413, 'body-too-large', `a body may have ${bytes} bytes, inflated, too`);

const overloaded = (): HttpError =>
  new HttpError(503, 'overloaded', 'too many large requests at once; try again later');
