import { status } from '@grpc/grpc-js';
import type { Tracer } from '@opentelemetry/api';
import { noSteps } from '../context.js';
import type { CallObserver } from '../grpc/service.js';
import { toStatus } from '../grpc/status.js';
import { beginSpan, endSpan } from './span.js';

/** Traces calls over gRPC. */
export const traceCalls =
  (tracer: Tracer): CallObserver =>
  ({ path, call }) => {
    const carrier = {
      traceparent: call.header('traceparent') ?? undefined,
      tracestate: call.header('tracestate') ?? undefined,
    };
    const method = path.slice(1);
    const span = beginSpan(tracer, method, carrier);
    if (span === null) return null;
    const steps = noSteps();
    steps.begun = performance.now();
    call.steps = steps;
    return ({ error }) => {
      if (steps.answered !== null) steps.written = performance.now();
      const code = error === null ? status.OK : toStatus(error).code!;
      endSpan(tracer, span, {
        served: call.served,
        steps,
        attributes: {
          'rpc.system.name': 'grpc',
          'rpc.method': method,
          'rpc.response.status_code': status[code]!,
        },
        error: error?.code ?? null,
        failed: error !== null && error.statusCode >= 500,
      });
    };
  };
