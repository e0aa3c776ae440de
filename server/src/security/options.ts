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
      Type.Array(Type.Union(scopes.slice(0, 2).map((scope) => Type.Literal(scope))), {
        description: 'What needs no token although there are some: predict, metrics',
      }),
    ),
  },
  { additionalProperties: false },
);
