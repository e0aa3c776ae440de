import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { NuthatchError } from 'nuthatch';
import { captureOptions } from './capture/options.js';
import { driftOptions } from './drift/options.js';
import { grpcOptions } from './grpc/options.js';
import { modelOptions } from './model-options.js';
import { securityOptions } from './security/options.js';
import { telemetryOptions } from './telemetry/options.js';
import { type Static, Type, Value } from './typebox.js';

const count = (most: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, description }));

/** All that can be set, as a schema: what a file of settings may hold, and the types of `serve`. */
export const serveOptions = Type.Object(
  {
    modelName: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The name of a model that is alone; default: that of its file',
      }),
    ),
    host: Type.Optional(
      Type.String({ description: 'Default: 127.0.0.1, which only this machine reaches' }),
    ),
    port: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        description: 'Default: 8080; 0 for any that is free',
      }),
    ),
    logLevel: Type.Optional(
      Type.Union([Type.String(), Type.Literal(false)], {
        description:
          'Of pino; requests are logged at debug, those refused at info, slow ones and failures at warn; false for nothing',
      }),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          rows: count(10_000_000, 'Rows of one request; default: 10,000'),
          cells: count(
            1_000_000_000,
            'Cells of one request, and values of its answer; default: a million',
          ),
          bodyBytes: count(999_999_999, "Bytes of one request's body; default: 6 MiB"),
          heldBytes: count(
            2 ** 40,
            'Bytes of all bodies and answers of more than 64 KiB that are under way; more are answered 503; default: 256 MiB',
          ),
          connections: count(1_000_000, 'Connections at a time; default: 1,024'),
          requestMs: count(
            86_400_000,
            'Milliseconds in which a request has to arrive; default: 30,000, and 10,000 of them for its head',
          ),
          idleMs: count(
            86_400_000,
            'Milliseconds without a byte after which a connection is closed; default: 30,000',
          ),
          keepAliveMs: count(
            86_400_000,
            'Milliseconds that a connection stays open between requests, which is to be more than a proxy keeps it; default: 5,000',
          ),
          turnMs: count(
            60_000,
            'Milliseconds for which requests wait for each other; those behind are answered 503; default: 500',
          ),
        },
        { additionalProperties: false },
      ),
    ),
    grpc: Type.Optional(grpcOptions),
    docs: Type.Optional(
      Type.Boolean({ description: 'OpenAPI at /openapi.json, Swagger UI at /docs; default: true' }),
    ),
    page: Type.Optional(
      Type.Boolean({ description: 'A page for people at / of browsers; default: true' }),
    ),
    models: Type.Optional(modelOptions),
    security: Type.Optional(securityOptions),
    drift: Type.Optional(driftOptions),
    capture: Type.Optional(captureOptions),
    telemetry: Type.Optional(telemetryOptions),
  },
  { additionalProperties: false },
);

export type ServeOptions = Static<typeof serveOptions>;

/**
 * Options that someone wrote, checked.
 *
 * @param place what a message names them by
 * @throws NuthatchError `usage`
 */
export function checkOptions(value: unknown, place: string): ServeOptions {
  if (Value.Check(serveOptions, value)) return value;
  const [first] = Value.Errors(serveOptions, value);
  const path = first!.instancePath.slice(1).replaceAll('/', '.');
  // What a closed object does not name has the schema `false`.
  const said = first!.keyword === 'boolean' ? 'there is no such option' : first!.message;
  throw new NuthatchError('usage', path === '' ? place : `${place}: ${path}`, said);
}

/** Options of a file, YAML or JSON. @throws NuthatchError `io`, `malformed`, `usage` */
export async function readOptions(path: string): Promise<ServeOptions> {
  const name = basename(path);
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new NuthatchError('io', name, error.message);
  });
  // Loaded for who has such a file.
  const { parse, YAMLParseError } = await import('./yaml.js');
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof YAMLParseError) && !(error instanceof ReferenceError)) throw error;
    throw new NuthatchError('malformed', name, error.message.split('\n')[0]!);
  }
  return checkOptions(value ?? {}, name);
}
