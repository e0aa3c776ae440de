import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ConnectionInjector } from '@grpc/grpc-js';
import { backlog } from '../backlog.js';
import { toListenError } from '../listen-error.js';

/** Who connects sends this at once: `PRI * HTTP/2.0` and two lines. */
const prefaceBytes = 24;

/** Sockets that are handed to gRPC's library, which bounds neither how many there are nor how long one says nothing. */
export interface Connections {
  readonly port: number;
  /** Takes no more. Those that are there stay. */
  close(): void;
}

/**
 * Listens, and hands connections on.
 *
 * @param most connections at a time
 * @param silentMs after which one that has said nothing is closed
 * @throws NuthatchError `io` where the port cannot be had
 */
export function listen(
  injector: ConnectionInjector,
  { host, port, most, silentMs }: { host: string; port: number; most: number; silentMs: number },
): Promise<Connections> {
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    // They come before it is known who asks, and concern nobody else.
    socket.on('error', () => {});
    const silent = setTimeout(() => {
      if (socket.bytesRead < prefaceBytes) socket.destroy();
    }, silentMs).unref();
    socket.once('close', () => clearTimeout(silent));
    injector.injectConnection(socket);
  });
  server.maxConnections = most;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(toListenError(error, host, port));
    server.once('error', fail);
    server.listen({ port, host, backlog }, () => {
      server.off('error', fail);
      resolve({ port: (server.address() as AddressInfo).port, close: () => server.close() });
    });
  });
}
