import { constants, type ServerHttp2Stream } from 'node:http2';
import {
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';

/** Ends calls whose message has not come in time: clients that are slow would keep their streams, and what has come, for ever. */
export const endLate =
  (milliseconds: number): ServerInterceptor =>
  (_method, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        const details = `the message has not come within ${milliseconds} ms`;
        const late = setTimeout(() => {
          call.sendStatus({ code: status.DEADLINE_EXCEEDED, details });
          // The library leaves it to the client to end its half, and has no other way to reach the stream.
          const { stream } = call as unknown as { readonly stream?: ServerHttp2Stream };
          stream?.close(constants.NGHTTP2_NO_ERROR);
        }, milliseconds).unref();
        next(
          new ServerListenerBuilder()
            .withOnReceiveHalfClose((come) => {
              clearTimeout(late);
              come();
            })
            .withOnCancel(() => clearTimeout(late))
            .build(),
        );
      },
    });
