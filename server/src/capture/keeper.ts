import type { FastifyBaseLogger } from 'fastify';
import { Counter } from 'prom-client';
import type { Context } from '../context.js';
import type { ServedModel } from '../served-model.js';
import { Capture } from './capture.js';
import type { CaptureOptions } from './options.js';
import { type Asked, type Captured, recordOf } from './record.js';

/** A request, the answer to it, and what else is known of both. */
export interface Exchange extends Omit<Asked, 'model' | 'version'> {
  readonly input: Captured;
  readonly output: Captured;
}

/** Keeps a share of the requests that a model answered, whatever they came over. */
export interface Keeper {
  /** @param exchange asked only where it may be kept */
  keep(served: ServedModel, exchange: () => Exchange): void;
  /** Waits until all is written. */
  close(): Promise<void>;
}

/** @throws NuthatchError `io` */
export async function openKeeper(
  { metrics }: Context,
  log: FastifyBaseLogger,
  options: CaptureOptions,
): Promise<Keeper> {
  const { sample = 1, endpoint, recordBytes = 2 ** 20 } = options;
  const counter = new Counter({
    name: 'nuthatch_capture_records_total',
    help: 'Requests that were kept, or not, because too many waited or the disk failed',
    labelNames: ['outcome'] as const,
    registers: [metrics.registry],
  });
  const capture = await Capture.open(options, (outcome, lines, error) => {
    counter.inc({ outcome }, lines);
    if (error !== undefined) log.error({ err: error }, 'requests could not be kept');
  });
  return {
    keep({ name: model, version }, exchange) {
      if (Math.random() >= sample) return;
      const { input, output, ...asked } = exchange();
      const size = input.body.length + output.body.length;
      if (size > recordBytes || !capture.hasRoom(size)) return counter.inc({ outcome: 'dropped' });
      const line = recordOf(input, output, { ...asked, model, version }, new Date());
      capture.add(endpoint ?? model, version, line);
    },
    close: () => capture.close(),
  };
}
