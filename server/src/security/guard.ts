import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { HttpError } from '../http-error.js';
import type { Access } from './access.js';
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
    if (scope === null || !access.guards(scope)) return;
    route.onRequest = [requireScope(access, scope), ...[route.onRequest ?? []].flat()];
  });
}

export const requireScope =
  (access: Access, scope: Scope): onRequestHookHandler =>
  ({ headers }, reply, done) => {
    const { authorization, 'x-api-key': apiKey } = headers;
    try {
      access.check(scope, { authorization, apiKey: apiKey?.toString() });
    } catch (error) {
      const { statusCode } = error as HttpError;
      if (statusCode === 401) reply.header('www-authenticate', 'Bearer realm="nuthatch"');
      return done(error as HttpError);
    }
    done();
  };
