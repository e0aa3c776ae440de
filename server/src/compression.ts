import compress from '@fastify/compress';
import type { FastifyInstance, onSendHookHandler } from 'fastify';
import plugin from 'fastify-plugin';

/** Bytes of an answer from which on it is worth to compress it. */
const threshold = 1024;

/**
 * Reads compressed bodies, and compresses answers for clients that ask for it. What a body inflates to is held to the limit of bodies, too.
 * The library looks at headers of each answer, which takes 2 µs: it is asked for those alone that are large enough.
 */
export const compression = plugin(async (app: FastifyInstance) => {
  await app.register(compress, { requestEncodings: ['gzip', 'deflate', 'identity'], threshold });
  app.addHook('onRoute', (route) => {
    // Its first hook lets handlers compress by themselves, which none does.
    route.onRequest = [route.onRequest ?? []].flat().slice(0, -1);
    route.onSend = ofLarge([route.onSend ?? []].flat());
  });
});

/** The hooks of a route, of which the last is the library's. */
function ofLarge(hooks: readonly onSendHookHandler[]): onSendHookHandler[] {
  const compressing = hooks.at(-1)!;
  const hook: onSendHookHandler = function (request, reply, payload, done) {
    if (request.headers['accept-encoding'] === undefined || isSmall(payload)) done();
    else compressing.call(this, request, reply, payload, done);
  };
  return [...hooks.slice(0, -1), hook];
}

/** A letter takes at most three bytes. */
const isSmall = (payload: unknown): boolean =>
  (typeof payload === 'string' && payload.length * 3 < threshold) ||
  (payload instanceof Uint8Array && payload.length < threshold);
