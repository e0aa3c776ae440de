import type { FastifyInstance } from 'fastify';
import { Counter } from 'prom-client';
import type { Context } from '../context.js';
import { Capture } from './capture.js';
import type { CaptureOptions } from './options.js';
import { recordOf } from './record.js';

/** Keeps requests over HTTP that a model answered, and their answers. @throws NuthatchError `io` */
export async function addCapture(
  app: FastifyInstance,
  { metrics }: Context,
  options: CaptureOptions,
): Promise<Capture> {
  const { sample = 1, endpoint, recordBytes = 2 ** 20 } = options;
  const counter = new Counter({
    name: 'nuthatch_capture_records_total',
    help: 'Requests that were kept, or not, because too many waited or the disk failed',
    labelNames: ['outcome'] as const,
    registers: [metrics.registry],
  });
  const capture = await Capture.open(options, (outcome, lines, error) => {
    counter.inc({ outcome }, lines);
    if (error !== undefined) app.log.error({ err: error }, 'requests could not be kept');
  });
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const { served, body, headers } = request;
    const isWhole = typeof payload === 'string' || payload instanceof Uint8Array;
    if (served === null || !isWhole || request.method !== 'POST' || reply.statusCode !== 200)
      return;
    if (!(body instanceof Uint8Array) || Math.random() >= sample) return;
    const size = body.length + payload.length;
    if (size > recordBytes || !capture.hasRoom(size)) return counter.inc({ outcome: 'dropped' });
    const input = { contentType: headers['content-type'] ?? 'application/json', body };
    const output = { contentType: String(reply.getHeader('content-type') ?? ''), body: payload };
    const asked = {
      path: request.url.split('?')[0]!,
      model: served.name,
      version: served.version,
      inferenceId: headers['x-amzn-sagemaker-inference-id']?.toString(),
    };
    const line = recordOf(input, output, asked, new Date());
    capture.add(endpoint ?? served.name, served.version, line);
  });
  return capture;
}
