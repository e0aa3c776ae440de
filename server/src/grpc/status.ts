import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { HttpError } from '../http-error.js';

/** gRPC's words for the statuses of HTTP. */
const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.FAILED_PRECONDITION,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
  507: status.RESOURCE_EXHAUSTED,
  504: status.DEADLINE_EXCEEDED,
};

/** Trailers have their limits, and messages may repeat what a client sent. */
const mostDetails = 1000;

/** What a client is told of an error; the library's code is in the trailer `nuthatch-error-code`. */
export function toStatus({ statusCode, code, path, message, retryMs }: HttpError): StatusObject {
  const metadata = new Metadata();
  metadata.set('nuthatch-error-code', code);
  // Clients whose policy is to try again wait so long.
  if (retryMs !== null) metadata.set('grpc-retry-pushback-ms', String(retryMs));
  const place = path === '' ? '' : `${path}: `;
  // Half of a pair of code units, also of one cut in two, cannot be sent.
  const details = `${place}${message}`.slice(0, mostDetails).replace(/\p{Surrogate}/gu, '');
  return { code: codes[statusCode] ?? status.INTERNAL, details, metadata };
}
