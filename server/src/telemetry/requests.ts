import type { Tracer } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { noSteps, type Steps } from '../context.js';
import { toHttpError } from '../http-error.js';
import { beginSpan, endSpan, type OpenSpan } from './span.js';

interface Traced {
  readonly span: OpenSpan;
  readonly steps: Steps;
  error: string | null;
}

/** Traces requests over HTTP, but for probes. Those that are not sampled have nothing to do in the other hooks. */
export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  const traced = new WeakMap<FastifyRequest, Traced>();
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config?.scope !== null) begin(request, reply);
    done();
  });
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.steps !== null) request.steps.begun = performance.now();
    done();
  });
  app.addHook('onError', (request, _reply, error, done) => {
    const own = request.steps === null ? undefined : traced.get(request);
    if (own !== undefined) own.error = toHttpError(error).code;
    done();
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (request.steps !== null) request.steps.written = performance.now();
    done(null, payload);
  });

  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    const { method, headers, routeOptions } = request;
    const name = routeOptions.url === undefined ? method : `${method} ${routeOptions.url}`;
    const carrier = {
      traceparent: headers.traceparent?.toString(),
      tracestate: headers.tracestate?.toString(),
    };
    const span = beginSpan(tracer, name, carrier);
    if (span === null) return;
    const own: Traced = { span, steps: noSteps(), error: null };
    request.steps = own.steps;
    traced.set(request, own);
    // Also of a client that has gone.
    reply.raw.once('close', () => end(request, reply, own));
  };

  const end = (request: FastifyRequest, reply: FastifyReply, { span, steps, error }: Traced) => {
    const { method, url, protocol, headers, routeOptions, served } = request;
    const agent = headers['user-agent'];
    const isSent = reply.raw.writableFinished;
    const failed = reply.statusCode >= 500;
    endSpan(tracer, span, {
      served,
      steps,
      attributes: {
        'http.request.method': method,
        'url.scheme': protocol,
        'url.path': url.split('?')[0]!.slice(0, mostText),
        'network.protocol.version': request.raw.httpVersion,
        ...(routeOptions.url !== undefined && { 'http.route': routeOptions.url }),
        ...(agent !== undefined && { 'user_agent.original': agent.slice(0, mostText) }),
        ...(isSent && { 'http.response.status_code': reply.statusCode }),
      },
      error: isSent ? (error ?? (failed ? String(reply.statusCode) : null)) : 'disconnected',
      failed,
    });
  };
}

/** Of a text that a client chose. */
const mostText = 300;
