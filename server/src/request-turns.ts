import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { HttpError } from './http-error.js';
import { Work } from './work.js';

/** A request whose body has come. */
interface Asked {
  readonly handler: RouteHandlerMethod;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** What had been worked when it came, in milliseconds. */
  readonly since: number;
  /** What its handler gave, or the error that it threw. */
  result: unknown;
}

/** Of requests that came together, before others are heard again: connections, probes, bodies. */
const mostTurnMs = 4;

/**
 * Answers what is posted in turns: requests whose bodies came in one turn of the event loop are worked on together, and then sent together. Code
 * between two calls of the system is several times slower than in a loop of its own, in which neither caches nor predictions are lost.
 *
 * A turn takes about `mostTurnMs`; behind it others are heard, as long as there are any. Whoever would wait, or has waited, for more than `turnMs` of work
 * is refused. Probes are not posted, and wait for nobody.
 */
export function answerInTurns(app: FastifyInstance, turnMs: number): void {
  const waiting: Asked[] = [];
  const refused: FastifyReply[] = [];
  const work = new Work();
  let isDue = false;
  const takeTurn = (): void => {
    if (isDue) return;
    isDue = true;
    setImmediate(turn);
  };
  const turn = (): void => {
    const begun = performance.now();
    if (work.yields(begun)) {
      setImmediate(turn);
      return;
    }
    isDue = false;
    work.begin(begun);
    // It is cheap, and who is refused may ask somebody else: but not so often that nobody is answered.
    const isEarly = (share: number) => performance.now() - begun < mostTurnMs * share;
    let last = 0;
    while (last < refused.length && isEarly(1 / 2)) refused[last++]!.send(overloaded());
    refused.splice(0, last);
    let count = 0;
    while (count < waiting.length && (count === 0 || isEarly(1))) {
      const asked = waiting[count++]!;
      asked.result = work.ms - asked.since > turnMs ? overloaded() : resultOf(asked);
    }
    for (const { reply, result } of waiting.splice(0, count)) answerBy(reply, result);
    work.end(performance.now(), count);
    if (waiting.length + refused.length > 0) takeTurn();
  };
  const resultOf = ({ handler, request, reply }: Asked): unknown => {
    // Who has gone needs no answer.
    if (reply.raw.destroyed) return reply;
    try {
      return handler.call(app, request, reply);
    } catch (error) {
      return error;
    }
  };

  app.addHook('onRoute', (route) => {
    if (route.method !== 'POST') return;
    const { handler } = route;
    route.handler = (request, reply) => {
      if (waiting.length * work.msPerPiece > turnMs) refused.push(reply);
      else waiting.push({ handler, request, reply, since: work.ms, result: undefined });
      takeTurn();
    };
  });
  app.addHook('onError', (_request, reply, error, done) => {
    if (error.statusCode === 503) reply.header('retry-after', '1');
    done();
  });
}

/** A reply that was sent by its handler comes back itself, or later. What cannot be written is an error of that request: Fastify tells it. */
function answerBy(reply: FastifyReply, result: unknown): void {
  const send = (answer: unknown): void => {
    if (answer !== reply && !reply.sent) reply.send(answer);
  };
  if (result instanceof Promise) result.then(send, send);
  else send(result);
}

const overloaded = (): HttpError =>
  new HttpError(503, 'overloaded', 'too many requests at once; try again later');
