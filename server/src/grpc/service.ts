import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type {
  handleUnaryCall,
  Metadata,
  MethodDefinition,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { FastifyBaseLogger } from 'fastify';
import type { Asker, Context } from '../context.js';
import { HttpError, toHttpError } from '../http-error.js';
import { mostInputs } from '../protocols/v2/request.js';
import type { Credentials } from '../security/access.js';
import type { LimitRate } from '../security/rate-limit.js';
import type { Scope } from '../security/tokens.js';
import { toStatus } from './status.js';
import { checkMessage } from './wire.js';

/** What a method answers from. */
export interface Call extends Asker {
  readonly context: Context;
  /** The value of a header, among gRPC's metadata; null where there is none. */
  header(name: string): string | null;
}

/** A call that begins. */
export interface Begun {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly call: Call;
  readonly request: Buffer;
  /** What the answer is. */
  readonly output: DescMessage;
}

/** How it ended: one of both is null. */
export interface Ended {
  readonly answer: MessageShape<DescMessage> | null;
  readonly error: HttpError | null;
}

/** Is told of a call, and by what it gives back of its end; null where that is of no interest. Both must be quick, and not throw. */
export type CallObserver = (begun: Begun) => ((ended: Ended) => void) | null;

/** A method that answers one message by another. */
export interface Unary<I extends DescMessage, O extends DescMessage> {
  /** What a client needs a token for, where there are tokens; null: for nothing, as of probes. */
  readonly scope: Scope | null;
  answer(request: MessageShape<I>, call: Call): MessageInitShape<O> | Promise<MessageInitShape<O>>;
}

/** A service as it is generated: its methods by name. */
type Generated = Pick<DescService, 'methods' | 'typeName'> & {
  readonly method: Readonly<
    Record<string, Pick<DescMethod, 'name' | 'methodKind' | 'input' | 'output'>>
  >;
};

/** All methods of a service that answer one message by another. */
export type Unaries<S extends Generated> = {
  readonly [Name in keyof S['method'] as S['method'][Name]['methodKind'] extends 'unary'
    ? Name
    : never]: Unary<S['method'][Name]['input'], S['method'][Name]['output']>;
};

/** A service in the words of gRPC's library. Requests stay bytes until it is known who sends them and how large they get. */
export function define({ methods, typeName }: Generated): ServiceDefinition {
  const definitions = methods.map(({ name, localName, methodKind, output }) => {
    const definition: MethodDefinition<Buffer, MessageShape<DescMessage>> = {
      path: `/${typeName}/${name}`,
      requestStream: false,
      responseStream: methodKind === 'server_streaming',
      requestSerialize: (bytes) => bytes,
      requestDeserialize: (bytes) => bytes,
      responseSerialize: (message) => bufferOf(toBinary(output, message)),
      responseDeserialize: (bytes) => fromBinary(output, bytes),
    };
    return [localName, definition] as const;
  });
  return Object.fromEntries(definitions);
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** What is done beside answering. */
export interface Around {
  readonly log: FastifyBaseLogger;
  /** null where clients may ask as often as they like. */
  readonly limitRate: LimitRate | null;
  readonly observers: readonly CallObserver[];
}

/** Methods as gRPC's library calls them: guarded, measured, their errors told in its words. */
export function implement<S extends Generated>(
  service: S,
  methods: Unaries<S>,
  context: Context,
  { log, limitRate, observers }: Around,
): UntypedServiceImplementation {
  const { metrics, access } = context;
  const handlers = Object.entries<Unary<DescMessage, DescMessage>>(methods).map(
    ([name, { scope, answer }]) => {
      const { input, output, name: method } = service.method[name]!;
      const path = `/${service.typeName}/${method}`;
      const handle: handleUnaryCall<Buffer, MessageShape<DescMessage>> = async (asked, reply) => {
        const { request, metadata } = asked;
        const started = performance.now();
        const call: Call = {
          context,
          header: (name) => headerOf(metadata, name),
          served: null,
          steps: null,
        };
        metrics.inFlight++;
        const ends = observers.map((observe) => observe({ path, call, request, output }));
        const end = (ended: Ended) => {
          for (const tell of ends) tell?.(ended);
        };
        try {
          if (scope !== null) {
            const credentials = credentialsOf(metadata);
            access.check(scope, credentials);
            await limitRate?.(credentials, addressOf(asked.getPeer()));
          }
          const message = readMessage(input, request, context);
          const answered = create(output, await answer(message, call));
          end({ answer: answered, error: null });
          reply(null, answered);
        } catch (error) {
          const told = toHttpError(error);
          if (told.statusCode >= 500 && told !== error) log.error(error);
          metrics.errors.inc({ code: told.code });
          end({ answer: null, error: told });
          reply(toStatus(told));
        }
        metrics.inFlight--;
        const seconds = (performance.now() - started) / 1000;
        metrics.times.observe(call.served, 'grpc', call.served !== null, seconds);
      };
      return [name, handle] as const;
    },
  );
  return Object.fromEntries(handlers);
}

/** As over HTTP: `authorization: Bearer TOKEN`, or `x-api-key: TOKEN`. */
const credentialsOf = (metadata: Metadata): Credentials => ({
  authorization: headerOf(metadata, 'authorization') ?? undefined,
  apiKey: headerOf(metadata, 'x-api-key') ?? undefined,
});

/** Without its port, as HTTP's counters have it. */
const addressOf = (peer: string): string => peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');

const headerOf = (metadata: Metadata, name: string): string | null =>
  metadata.get(name)[0]?.toString() ?? null;

/** A message, once it is known to be of a size that can be held. @throws HttpError 400, 413 */
export function readMessage<I extends DescMessage>(
  schema: I,
  bytes: Uint8Array,
  { limits }: Context,
): MessageShape<I> {
  // Besides cells there are names and shapes of inputs.
  const values = limits.cells + 10 * mostInputs;
  checkMessage(schema, bytes, { messages: 3 * mostInputs, values });
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new HttpError(
      400,
      'malformed',
      `the message cannot be read: ${(error as Error).message}`,
    );
  }
}
