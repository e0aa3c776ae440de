import { connect, type Socket } from 'node:net';
import { createRandom } from '../../bench/random.js';

/** What is sent, as bytes of HTTP/1.1, and who says whether what comes back is right. */
export interface Sent {
  readonly bytes: Buffer;
  readonly isRight: (body: string) => boolean;
}

export const postOf = (path: string, body: string, type = 'application/json'): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

/** What became of the requests. */
export class Outcomes {
  /** Milliseconds from when each was to be sent. */
  readonly right: number[] = [];
  /** Of those that were answered 503 with Retry-After. */
  readonly refused: number[] = [];
  /** What else was answered. */
  readonly wrong: string[] = [];
  /** Connections that ended before an answer came. */
  lost = 0;

  get count(): number {
    return this.right.length + this.refused.length + this.wrong.length + this.lost;
  }
}

/** Milliseconds after which a connection is not used again. */
const mostIdleMs = 4000;

interface Due {
  readonly sent: Sent;
  readonly at: number;
}

/**
 * Sends requests when they are due, whether or not those before are answered: as independent clients do, and unlike tools that wait for
 * answers. One that finds no connection free opens one, up to a number; then it waits, and its wait counts.
 */
export class OpenLoop {
  readonly outcomes = new Outcomes();
  readonly #port: number;
  readonly #most: number;
  readonly #free: Connection[] = [];
  readonly #waiting: Due[] = [];
  readonly #all = new Set<Connection>();
  #underWay = 0;

  constructor(port: number, mostConnections: number) {
    this.#port = port;
    this.#most = mostConnections;
  }

  get connections(): number {
    return this.#all.size;
  }

  /**
   * Sends requests at random times, `perSecond` on average, for a while; then waits for the last answers.
   *
   * @param isPatient whether what could not be sent in time is sent later, and not at all otherwise: then it is not counted
   */
  async run(
    next: () => Sent,
    perSecond: number,
    milliseconds: number,
    isPatient = true,
  ): Promise<void> {
    const random = createRandom(1);
    const begun = performance.now();
    let due = begun;
    let atOnce = 0;
    while (due < begun + milliseconds) {
      if (!isPatient && performance.now() > begun + milliseconds) break;
      due += (-1000 * Math.log(1 - random())) / perSecond;
      const wait = due - performance.now();
      if (wait > 0.5) await new Promise((resolve) => setTimeout(resolve, wait));
      // Behind its times it sends a few at once, but answers have to be read, too.
      else if (++atOnce % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      this.#send({ sent: next(), at: due });
    }
    if (!isPatient) this.#waiting.length = 0;
    while (this.#underWay > 0 || this.#waiting.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** As many as are answered, on some connections. Returns how many a second. */
  async saturate(next: () => Sent, connections: number, milliseconds: number): Promise<number> {
    const begun = performance.now();
    const before = this.outcomes.count;
    while (performance.now() < begun + milliseconds) {
      while (this.#underWay < connections) this.#send({ sent: next(), at: performance.now() });
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (this.#underWay > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    return (this.outcomes.count - before) / ((performance.now() - begun) / 1000);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #send(due: Due): void {
    let free = this.#free.pop();
    // As of clients that heed `keep-alive: timeout=5`: the server may be about to close it.
    while (free !== undefined && free.idleMs > mostIdleMs) {
      free.close();
      free = this.#free.pop();
    }
    if (free !== undefined) this.#sendOn(free, due);
    else if (this.#all.size >= this.#most) this.#waiting.push(due);
    else this.#sendOn(this.#open(), due);
  }

  #open(): Connection {
    const connection = new Connection(this.#port, () => {
      this.#all.delete(connection);
      const at = this.#free.indexOf(connection);
      if (at >= 0) this.#free.splice(at, 1);
    });
    this.#all.add(connection);
    return connection;
  }

  #sendOn(connection: Connection, { sent, at }: Due): void {
    this.#underWay++;
    connection.ask(sent.bytes, (answer) => {
      this.#underWay--;
      const { right, refused, wrong } = this.outcomes;
      const milliseconds = performance.now() - at;
      if (answer === null) this.outcomes.lost++;
      else if (answer.status === 200 && sent.isRight(answer.body)) right.push(milliseconds);
      else if (answer.status === 503 && /^retry-after: \d+$/im.test(answer.head))
        refused.push(milliseconds);
      else wrong.push(`${answer.status} ${answer.body.slice(0, 200)}`);
      if (answer !== null && connection.isOpen) this.#free.push(connection);
      const next = this.#waiting.shift();
      if (next !== undefined) this.#send(next);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A connection that stays open, with one request at a time. Node's own client takes more than the server does. */
class Connection {
  readonly #socket: Socket;
  #got = '';
  #end = -1;
  #head = '';
  #done: ((answer: Answer | null) => void) | null = null;
  #finished = performance.now();

  constructor(port: number, closed: () => void) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      closed();
      this.#finish(null);
    });
  }

  get isOpen(): boolean {
    return this.#socket.writable && !this.#socket.destroyed;
  }

  /** Since its last answer. */
  get idleMs(): number {
    return performance.now() - this.#finished;
  }

  ask(bytes: Buffer, done: (answer: Answer | null) => void): void {
    this.#done = done;
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#got += text;
    if (this.#end < 0) {
      const at = this.#got.indexOf('\r\n\r\n');
      if (at < 0) return;
      this.#head = this.#got.slice(0, at);
      const [, length] = /^content-length: (\d+)$/im.exec(this.#head) ?? [];
      this.#end = at + 4 + Number(length ?? 0);
    }
    if (this.#got.length < this.#end) return;
    const body = this.#got.slice(this.#head.length + 4, this.#end);
    const head = this.#head;
    [this.#got, this.#end, this.#head] = [this.#got.slice(this.#end), -1, ''];
    if (/^connection: close$/im.test(head)) this.#socket.end();
    this.#finish({ status: Number(head.slice(9, 12)), head, body });
  }

  #finish(answer: Answer | null): void {
    const done = this.#done;
    this.#done = null;
    this.#finished = performance.now();
    done?.(answer);
  }
}
