import type { FastifyInstance } from 'fastify';
import type { Keeper } from './keeper.js';

/** Keeps requests over HTTP that a model answered, and their answers. */
export function captureHttp(app: FastifyInstance, keeper: Keeper): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const { served, body, headers } = request;
    const isWhole = typeof payload === 'string' || payload instanceof Uint8Array;
    if (served === null || !isWhole || request.method !== 'POST' || reply.statusCode !== 200)
      return;
    if (!(body instanceof Uint8Array)) return;
    keeper.keep(served, () => ({
      input: {
        contentType: headers['content-type'] ?? 'application/json',
        body,
        jsonBytes: numberOf(headers[lengthHeader]),
      },
      output: {
        contentType: String(reply.getHeader('content-type') ?? ''),
        body: payload,
        jsonBytes: numberOf(reply.getHeader(lengthHeader)),
      },
      path: request.url.split('?')[0]!,
      inferenceId: headers['x-amzn-sagemaker-inference-id']?.toString(),
    }));
  });
}

/** How much of a body is JSON, where tensors follow it. */
export const lengthHeader = 'inference-header-content-length';

const numberOf = (header: unknown): number | undefined =>
  header === undefined ? undefined : Number(header);
