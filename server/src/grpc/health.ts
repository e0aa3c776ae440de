import { create } from '@bufbuild/protobuf';
import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import type { Context } from '../context.js';
import { HttpError, toHttpError } from '../http-error.js';
import {
  type Health,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from './generated/health_pb.js';
import { GRPCInferenceService } from './generated/inference_pb.js';
import { readMessage, type Unaries } from './service.js';
import { toStatus } from './status.js';

const services: readonly string[] = ['', GRPCInferenceService.typeName];

const stateOf = ({ repository }: Context): Serving =>
  repository.ready ? Serving.SERVING : Serving.NOT_SERVING;

export const health: Unaries<typeof Health> = {
  check: {
    scope: null,
    answer({ service }, { context }) {
      if (!services.includes(service))
        throw new HttpError(404, 'not-found', 'there is no such service');
      return { status: stateOf(context) };
    },
  },
};

type Watcher = ServerWritableStream<Buffer, HealthCheckResponse>;

/** Clients that want to know when the server stops taking work. */
export class Watchers {
  readonly #context: Context;
  readonly #watchers = new Set<Watcher>();

  constructor(context: Context) {
    this.#context = context;
  }

  readonly watch: handleServerStreamingCall<Buffer, HealthCheckResponse> = (call) => {
    try {
      const { service } = readMessage(HealthCheckRequestSchema, call.request, this.#context);
      const isKnown = services.includes(service);
      tell(call, isKnown ? stateOf(this.#context) : Serving.SERVICE_UNKNOWN);
    } catch (error) {
      call.emit('error', toStatus(toHttpError(error)));
      return;
    }
    this.#watchers.add(call);
    call.on('cancelled', () => this.#watchers.delete(call));
  };

  /** Tells all that it drains, and lets them go: a stream that stays open would keep the server from ending. */
  end(): void {
    for (const call of this.#watchers) {
      tell(call, Serving.NOT_SERVING);
      call.end();
    }
    this.#watchers.clear();
  }
}

const tell = (call: Watcher, status: Serving) =>
  call.write(create(HealthCheckResponseSchema, { status }));
