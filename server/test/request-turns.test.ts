import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpError } from '../src/http-error.js';
import { answerInTurns } from '../src/request-turns.js';

let app: FastifyInstance;
const order: string[] = [];

beforeAll(async () => {
  app = Fastify();
  answerInTurns(app, 500);
  app.addHook('onSend', (request, _reply, payload, done) => {
    order.push(`sent ${request.url}`);
    done(null, payload);
  });
  const answers = {
    value: () => ({ is: 'answered' }),
    later: async () => ({ is: 'answered' }),
    'by-itself': (reply: FastifyReply) => reply.send({ is: 'answered' }),
    'by-itself-later': async (reply: FastifyReply) => reply.send({ is: 'answered' }),
    throws: () => {
      throw new HttpError(400, 'usage', 'no');
    },
    rejects: async () => {
      throw new HttpError(400, 'usage', 'no');
    },
    'is-busy': () => {
      throw new HttpError(503, 'overloaded', 'no');
    },
    'no-json': () => ({ is: 1n }),
    'no-text': (reply: FastifyReply) => {
      reply.type('text/plain');
      return { is: 'no text' };
    },
    'bad-header': (reply: FastifyReply) => {
      reply.header('x-name', 'two\nlines');
      return { is: 'answered' };
    },
    'no-json-later': async () => ({ is: 1n }),
  };
  for (const [name, answer] of Object.entries(answers))
    app.post(`/${name}`, (request, reply) => {
      order.push(`asked ${request.url}`);
      return answer(reply);
    });
  await app.ready();
});
afterAll(() => app.close());

const ask = (url: string) => app.inject({ method: 'POST', url, payload: {} });

test.each([
  ['/value', 200],
  ['/later', 200],
  ['/by-itself', 200],
  ['/by-itself-later', 200],
  ['/throws', 400],
  ['/rejects', 400],
  ['/is-busy', 503],
  ['/no-json', 500],
  ['/no-json-later', 500],
  ['/no-text', 500],
  ['/bad-header', 500],
])('%s is answered with %d', async (url, status) => {
  const { statusCode, headers, json } = await ask(url);
  expect(statusCode).toBe(status);
  if (status === 200) expect(json()).toEqual({ is: 'answered' });
  expect(headers['retry-after']).toBe(status === 503 ? '1' : undefined);
});

test('requests that come together are all asked of before the first is sent, in their order', async () => {
  order.length = 0;
  await Promise.all(['/value', '/throws', '/value?2', '/value?3'].map(ask));
  const [asked, sent] = ['asked', 'sent'].map((word) =>
    ['/value', '/throws', '/value?2', '/value?3'].map((url) => `${word} ${url}`),
  );
  expect(order).toEqual([...asked!, ...sent!]);
});
