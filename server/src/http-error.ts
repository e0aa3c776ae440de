import { type ErrorCode, NuthatchError } from 'nuthatch';

/** What a client is told: a status, a stable code, a sentence, and the place in its input. */
export class HttpError extends Error {
  readonly statusCode: number;
  readonly code: string;
  readonly path: string;
  /** Milliseconds after which it is worth to try again; null where that is not known. */
  readonly retryMs: number | null;

  constructor(
    statusCode: number,
    code: string,
    message: string,
    path = '',
    retryMs: number | null = statusCode === 503 ? 1000 : null,
  ) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.path = path;
    this.retryMs = retryMs;
  }
}

/** Input of a client is its own fault; everything else of the library's errors concerns the model. */
const statusOf = (code: ErrorCode): number => {
  if (code.startsWith('input-') || code === 'malformed' || code === 'usage') return 400;
  if (code === 'limit-exceeded') return 413;
  return 500;
};

/** Any error as one that a client may be told. Nothing of a failure within is: no path, no stack. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof NuthatchError) {
    const status = statusOf(error.code);
    if (status < 500) return new HttpError(status, error.code, error.message, error.path);
  }
  // Fastify's own: bodies that are too large, compressed wrongly, of no known type.
  const { statusCode, code, message } = error as Partial<HttpError>;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new HttpError(statusCode, codeOf(code), message ?? '');
  return new HttpError(500, 'internal', 'the server failed; its log says why');
}

/** `FST_ERR_CTP_BODY_TOO_LARGE` as `body-too-large`. */
const codeOf = (code: string | undefined): string =>
  (code ?? 'bad-request')
    .replace(/^FST_(CP_)?(ERR_)?(CTP_)?/, '')
    .toLowerCase()
    .replaceAll('_', '-');
