import { Type } from 'typebox';
import { scopes } from './tokens.js';

/** Settings of who may ask, and how. */
export const securityOptions = Type.Object(
  {
    tokenFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'A file of tokens that clients send as Authorization: Bearer or X-API-Key, a line each: TOKEN or NAME:SHA256, and "admin" behind those that may administrate; default: none is asked for, and nothing can be administrated',
      }),
    ),
    open: Type.Optional(
      Type.Array(Type.Enum([...scopes]), {
        description:
          'What needs no token: predict, metrics, and, for platforms that have none and let nobody else near, admin',
      }),
    ),
  },
  { additionalProperties: false },
);
