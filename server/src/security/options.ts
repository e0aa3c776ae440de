import { Type } from '../typebox.js';
import { scopes } from './tokens.js';

const path = (description: string) => Type.String({ minLength: 1, description });

export const tlsOptions = Type.Object(
  {
    cert: path('A file of the certificate and those above it, in PEM; read again when it changes'),
    key: path('A file of its key, in PEM'),
    clientCa: Type.Optional(
      path('A file of authorities, in PEM: clients without a certificate of theirs are refused'),
    ),
    minVersion: Type.Optional(
      Type.Union([Type.Literal('TLSv1.2'), Type.Literal('TLSv1.3')], {
        description: 'Default: TLSv1.2',
      }),
    ),
  },
  { additionalProperties: false },
);

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
    tls: Type.Optional(tlsOptions),
    corsOrigins: Type.Optional(
      Type.Array(Type.String({ pattern: '^https?://[^/*]+$' }), {
        description: 'Origins whose pages may ask, exactly: https://example.org; default: none',
      }),
    ),
    requestsPerMinute: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Of each token, or each address without one; default: any number',
      }),
    ),
    trustProxy: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description:
          'Addresses or networks of proxies whose X-Forwarded-For is believed; default: none',
      }),
    ),
  },
  { additionalProperties: false },
);
