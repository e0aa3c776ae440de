import { content, object, type Piece, ref, text } from './schema.js';

/** Errors as the plain protocol and most others tell them, as MLflow's clients read them, and as the Open Inference Protocol has them. */
export type Wording = 'plain' | 'mlflow' | 'inference';

const schemaOf = { plain: 'error', mlflow: 'mlflow-error', inference: 'inference-error' } as const;

export const errorSchemas: Piece = {
  error: object(
    {
      error: object(
        {
          code: { type: 'string', description: 'stable: for programs' },
          message: { type: 'string', description: 'what is wrong, and what to do: for people' },
          path: { type: 'string', description: 'where in the request' },
        },
        ['code', 'message', 'path'],
      ),
    },
    ['error'],
  ),
  'mlflow-error': object({ error_code: text, message: text }, ['error_code', 'message']),
  'inference-error': object({ error: text }, ['error']),
};

const reasons: Readonly<Record<number, string>> = {
  400: 'The request is not what the model takes; the message says where and why.',
  401: 'Where tokens are asked for: none that is known came. Authorization: Bearer TOKEN, or X-API-Key: TOKEN.',
  403: 'Where tokens are asked for: this one is for something else.',
  404: 'There is no such model or version.',
  409: 'The model is loaded already.',
  413: 'The request has more rows, cells or bytes than are allowed.',
  415: 'The body is of no type that is read here.',
  429: 'More requests than a client may send; Retry-After says when to come again.',
  501: 'This is not served.',
  503: 'The server has more to do than it can, or is about to end.',
  504: 'The answer would take longer than a request may.',
  507: 'The model would take more memory than models may.',
};

export const told = (wording: Wording, status: number): Piece => ({
  description: reasons[status],
  content: content(ref(schemaOf[wording])),
});

/** What a route may answer instead of what it was asked; also, where the server asks for tokens, to who has none. */
export const refusals = (wording: Wording, statuses: readonly number[]): Piece =>
  Object.fromEntries([401, 403, ...statuses].map((status) => [status, told(wording, status)]));

/** Of routes that predict. */
export const predictionRefusals = [400, 404, 413, 415, 429, 503, 504] as const;
