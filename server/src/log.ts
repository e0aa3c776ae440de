import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

/** Lines of JSON on standard output. Nothing of bodies or headers is written but the id of a request. */
export const createLog = (level: string | false, destination?: DestinationStream): Logger =>
  pino({ level: level === false ? 'silent' : level }, destination);

/** What an id may look like, so that no client writes into a log what it likes. */
const sane = /^[\w.:/+=-]{1,128}$/;
/** https://www.w3.org/TR/trace-context: the second field names the trace. */
const trace = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/;

/** Ids of requests: what a client sends as `X-Request-Id`, the trace it is part of, or one of this process. */
export function requestIds(): (request: IncomingMessage) => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  const traceOf = (headers: IncomingMessage['headers']): string | undefined => {
    const parent = headers.traceparent;
    return parent === undefined ? undefined : trace.exec(parent.toString())?.[1];
  };
  return ({ headers }) =>
    sentId(headers) ?? traceOf(headers) ?? `${prefix}-${(count++).toString(36)}`;
}

/** The id that a client sent, where it is one. */
export function sentId(headers: IncomingMessage['headers']): string | null {
  const id = headers['x-request-id'];
  return typeof id === 'string' && sane.test(id) ? id : null;
}
