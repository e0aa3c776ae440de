import type { FastifyInstance } from 'fastify';
import { HttpError } from '../http-error.js';

/**
 * Refuses what one turn of the event loop cannot answer soon: all requests that have arrived are answered in the same turn, one after the other,
 * and whoever is behind more than `turnMs` of work hears so at once instead of waiting. Probes are always answered.
 */
export function shedLoad(app: FastifyInstance, turnMs: number): void {
  let begun: number | null = null;
  let usage = process.cpuUsage();
  let usageTaken = performance.now();
  // A process that other processes keep waiting has not worked: then nothing is gained by refusing.
  const worked = () => {
    const { user, system } = process.cpuUsage(usage);
    return (user + system) / 1000;
  };
  const endTurn = () => {
    begun = null;
  };
  app.addHook('preHandler', (request, _reply, done) => {
    const now = performance.now();
    if (begun === null) {
      begun = now;
      // It takes as long as parsing a body: of short turns, some go without, and what was worked shortly before counts, too.
      if (now - usageTaken > turnMs / 20) {
        usage = process.cpuUsage();
        usageTaken = now;
      }
      setImmediate(endTurn);
    } else if (now - begun > turnMs) {
      const { scope } = request.routeOptions.config;
      if (scope !== null && worked() > turnMs)
        return done(new HttpError(503, 'overloaded', 'too many requests at once; try again later'));
    }
    done();
  });
  app.addHook('onError', (_request, reply, error, done) => {
    if (error.statusCode === 503) reply.header('retry-after', '1');
    done();
  });
}
