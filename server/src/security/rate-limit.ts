import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from '../http-error.js';
import type { Access, Credentials } from './access.js';
import { credentialsOf } from './guard.js';

/** Clients that are counted at a time: the one that was not seen for longest is forgotten. */
const mostClients = 10_000;

/** Lets each token, and each address without one, ask so often. Probes are not counted. */
export function limitRate(app: FastifyInstance, access: Access, perMinute: number): void {
  // Loaded for those alone who want it.
  app.register(import('@fastify/rate-limit'), {
    max: perMinute,
    timeWindow: 60_000,
    cache: mostClients,
    keyGenerator: ({ headers, ip }) => access.find(credentialsOf(headers))?.name ?? ip,
    errorResponseBuilder: (_request, { max }) =>
      new HttpError(429, 'rate-limited', `more than ${max} requests in a minute`),
  });
}

/** Counts a request that came another way. @throws HttpError 429 */
export type LimitRate = (credentials: Credentials, ip: string) => Promise<void>;

/** What counts as requests over HTTP are counted, with them. */
export function sharedLimit(app: FastifyInstance): LimitRate {
  return async ({ authorization, apiKey }, ip) => {
    // It reads no more of a request.
    const request = {
      headers: { authorization, 'x-api-key': apiKey },
      ip,
      routeOptions: { config: {} },
    };
    const counted = await app.createRateLimit()(request as unknown as FastifyRequest);
    if (counted.isAllowed || !counted.isExceeded) return;
    const message = `more than ${counted.max} requests in a minute`;
    throw new HttpError(429, 'rate-limited', message, '', counted.ttl);
  };
}
