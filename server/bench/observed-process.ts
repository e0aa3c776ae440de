import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Observation } from './observed-server.js';

interface Addresses {
  readonly address: string;
  readonly grpcAddress: string | null;
}

/** A server in a process of its own, which says what it takes. */
export class ObservedProcess {
  readonly port: number;
  readonly grpcAddress: string | null;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { address, grpcAddress }: Addresses) {
    this.#child = child;
    this.port = Number(new URL(address).port);
    this.grpcAddress = grpcAddress;
  }

  static async start(path: string, options: object): Promise<ObservedProcess> {
    const script = fileURLToPath(new URL('./observed-server.js', import.meta.url));
    const child = fork(script, [path, JSON.stringify({ port: 0, ...options })], {
      execArgv: ['--expose-gc'],
    });
    return new ObservedProcess(child, await nextMessage<Addresses>(child));
  }

  observe(): Promise<Observation> {
    const told = nextMessage<Observation>(this.#child);
    this.#child.send('observe');
    return told;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  end(): Promise<void> {
    if (this.hasEnded) return Promise.resolve();
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGTERM');
    return ended;
  }
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null) => reject(new Error(`the server ended with ${code}`));
    child.once('exit', failed);
    child.once('message', (message) => {
      child.off('exit', failed);
      resolve(message as T);
    });
  });
}
