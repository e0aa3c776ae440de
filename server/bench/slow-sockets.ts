import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { projectFolder } from '../../bench/fixtures.js';

/** Where a client connects to. */
export interface Ports {
  readonly plain: number;
  readonly grpc: number;
  readonly tls: number;
}

type Writable = Pick<Socket, 'write' | 'destroyed'>;

/** Clients that keep a connection busy with next to nothing: how each begins, and what it goes on with each half second. */
export interface Slowness {
  readonly name: string;
  /** Whether it takes what comes; true unless said. */
  readonly readsOn?: boolean;
  open(ports: Ports): Socket | ClientHttp2Session;
}

const host = '127.0.0.1';
const head = (length: number): string =>
  `POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n`;

/** Writes a byte each half second until the socket closes. */
function trickle(socket: Writable & NodeJS.EventEmitter, byte: string): void {
  const timer = setInterval(() => socket.write(byte), 500);
  socket.once('close', () => clearInterval(timer));
}

const plain = (port: number, begin: (socket: Socket) => void): Socket => {
  const socket = connect(port, host, () => begin(socket));
  return socket;
};

const tls = (port: number, begin: (socket: Socket) => void): Socket => {
  const ca = readFileSync(join(projectFolder, 'server/test/tls/first.crt'));
  const socket = connectTls({ port, host, ca, checkServerIdentity: () => undefined }, () =>
    begin(socket),
  );
  return socket;
};

const grpcHead = {
  ':method': 'POST',
  ':path': '/inference.GRPCInferenceService/ModelInfer',
  'content-type': 'application/grpc',
  te: 'trailers',
};

/** A mebibyte of a body that announces more. */
const part = `{"features": [${' '.repeat(2 ** 20)}`;

/** @param large a request whose answer is large */
export const slownesses = (large: string): readonly Slowness[] => [
  { name: 'says nothing', open: ({ plain: port }) => plain(port, () => {}) },
  {
    name: 'head, a byte at a time',
    open: ({ plain: port }) =>
      plain(port, (socket) => {
        socket.write('POST /predict HTTP/1.1\r\nX: ');
        trickle(socket, 'a');
      }),
  },
  {
    name: 'body, a byte at a time',
    open: ({ plain: port }) =>
      plain(port, (socket) => {
        socket.write(`${head(5_000_000)}\r\n${part}`);
        trickle(socket, ' ');
      }),
  },
  {
    name: 'takes no answer',
    readsOn: false,
    open: ({ plain: port }) =>
      plain(port, (socket) => {
        socket.pause();
        socket.write(`${head(Buffer.byteLength(large))}\r\n${large}`);
      }),
  },
  {
    name: 'asks no more',
    open: ({ plain: port }) =>
      plain(port, (socket) => {
        socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
      }),
  },
  { name: 'TLS: agrees on no key', open: ({ tls: port }) => plain(port, () => {}) },
  {
    name: 'TLS: head, a byte at a time',
    open: ({ tls: port }) =>
      tls(port, (socket) => {
        socket.write('POST /predict HTTP/1.1\r\nX: ');
        trickle(socket, 'a');
      }),
  },
  { name: 'gRPC: says nothing', open: ({ grpc: port }) => plain(port, () => {}) },
  { name: 'gRPC: asks nothing', open: ({ grpc: port }) => connectHttp2(`http://${host}:${port}`) },
  {
    name: 'gRPC: message, a byte at a time',
    open: ({ grpc: port }) => {
      const session = connectHttp2(`http://${host}:${port}`);
      const stream = session.request(grpcHead);
      stream.on('error', () => {}).resume();
      const frame = Buffer.alloc(2 ** 20);
      frame.writeUInt32BE(5_000_000, 1);
      stream.write(frame);
      trickle(stream, 'a');
      return session;
    },
  },
];

/** How long each of some connections of a kind lives, and how many are open. */
export class SlowClients {
  readonly name: string;
  /** Milliseconds. */
  readonly lives: number[] = [];
  open = 0;
  readonly #all: (Socket | ClientHttp2Session)[] = [];

  constructor({ name, open, readsOn = true }: Slowness, count: number, ports: Ports) {
    this.name = name;
    for (let i = 0; i < count; i++) {
      const begun = performance.now();
      const one = open(ports);
      // Who does not read does not hear that the connection is closed.
      if (readsOn && 'resume' in one) one.resume();
      this.open++;
      one.on('error', () => {});
      one.once('close', () => {
        this.open--;
        this.lives.push(performance.now() - begun);
      });
      this.#all.push(one);
    }
  }

  /** Reads what has come, and whether the connection is closed. */
  readOn(): void {
    for (const one of this.#all) if ('resume' in one) one.resume();
  }

  close(): void {
    for (const one of this.#all) one.destroy();
  }
}
