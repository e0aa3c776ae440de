import {
  type Attributes,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Steps } from '../context.js';
import type { ServedModel } from '../served-model.js';

const propagator = new W3CTraceContextPropagator();

/** What W3C's trace context takes two headers for. */
export interface Carrier {
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** The span of a request that has not ended. */
export interface OpenSpan {
  readonly span: Span;
  /** What `performance.now()` has to be added to. The library looks at the clock anew for each span, by whole milliseconds. */
  readonly epoch: number;
}

/** Begins the span of a request, as a child of its client's; null where it is not sampled. */
export function beginSpan(tracer: Tracer, name: string, carrier: Carrier): OpenSpan | null {
  const parent =
    carrier.traceparent === undefined
      ? ROOT_CONTEXT
      : propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
  const now = performance.now();
  const epoch = Date.now() - now;
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: epoch + now }, parent);
  return span.isRecording() ? { span, epoch } : null;
}

/** How a request ended. */
export interface SpanEnd {
  readonly served: ServedModel | null;
  readonly steps: Steps;
  readonly attributes: Attributes;
  /** Its code; null where there was none. */
  readonly error: string | null;
  /** Whether that is the server's fault, which alone makes a span fail. */
  readonly failed: boolean;
}

/** Ends a span, with children for the parts that it came to: reading the request, answering the rows, writing the answer. */
export function endSpan(tracer: Tracer, { span, epoch }: OpenSpan, end: SpanEnd): void {
  const { served, steps, error, failed } = end;
  const { begun, read, answered, written, rows, methods } = steps;
  span.setAttributes({
    ...end.attributes,
    ...(served !== null && {
      'nuthatch.model.name': served.name,
      'nuthatch.model.version': served.version,
    }),
    ...(rows !== null && { 'nuthatch.rows': rows }),
    ...(methods !== null && { 'nuthatch.methods': [...methods] }),
    ...(error !== null && { 'error.type': error }),
  });
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
  const parent = trace.setSpan(ROOT_CONTEXT, span);
  const part = (name: string, from: number | null, to: number | null) => {
    if (from !== null && to !== null)
      tracer.startSpan(name, { startTime: epoch + from }, parent).end(epoch + to);
  };
  part('parse', begun, read);
  part('predict', read, answered);
  part('serialize', answered, written);
  span.end(epoch + performance.now());
}
