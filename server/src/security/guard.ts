import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { HttpError } from '../http-error.js';
import type { Access, Credentials } from './access.js';
import type { Scope } from './tokens.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a client of the route needs a token for, where there are tokens; `predict` unless said. null: for nothing, as of probes. */
    scope?: Scope | null;
  }
}

/** Options of a route that says whether the server lives or is ready: nothing is asked of who looks. */
export const probe = { config: { scope: null } } as const;

/** Asks clients of all routes from here on for a token: a route that forgets to say so is guarded, too. */
export function guardRoutes(app: FastifyInstance, access: Access): void {
  app.addHook('onRoute', (route) => {
    const { scope = 'predict' } = route.config ?? {};
    // Nor are probes counted where requests are.
    if (scope === null) route.config = { ...route.config, rateLimit: false };
    if (scope === null || !access.guards(scope)) return;
    route.onRequest = [requireScope(access, scope), ...[route.onRequest ?? []].flat()];
  });
}

export const credentialsOf = (headers: IncomingHttpHeaders): Credentials => ({
  authorization: headers.authorization,
  apiKey: headers['x-api-key']?.toString(),
});

export const requireScope =
  (access: Access, scope: Scope): onRequestHookHandler =>
  ({ headers }, reply, done) => {
    try {
      access.check(scope, credentialsOf(headers));
    } catch (error) {
      const { statusCode } = error as HttpError;
      if (statusCode === 401) reply.header('www-authenticate', 'Bearer realm="nuthatch"');
      return done(error as HttpError);
    }
    done();
  };
