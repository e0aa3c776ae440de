import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  asPredictor,
  load,
  type Model,
  type Parallel,
  type Predictor,
  webAssembly,
} from '../../src/index.js';
import { loadFile, workerThreads } from '../../src/node.js';
import { version } from '../../src/version.js';
import { asyncBatchTimer, batchTimer } from '../batches.js';
import type { Answers, Peer, Subject } from '../subject.js';
import { type Batch, checkedBatch, type Workload } from '../workload.js';

/** How far answers of models without trees may lie from Python's, whose sums of products depend on its BLAS. Trees' are the same. */
const linearTolerances = { float32: 1e-6, float64: 1e-12 } as const;

/** A way of ours to evaluate a model. */
interface Kernel {
  readonly name: string;
  load(bytes: Uint8Array): Model;
  loadFile(path: string): Model | Promise<Model>;
}

/** The portable one first; the last is the best, and what people get. */
export const kernels: readonly Kernel[] = [
  {
    name: 'nuthatch portable',
    load: (bytes) => load(bytes),
    loadFile: (path) => load(readFileSync(path)),
  },
  {
    name: 'nuthatch',
    load: (bytes) => load(bytes, { accelerator: webAssembly }),
    loadFile,
  },
];

export const portableKernel = kernels[0]!.name;
export const threadsName = (threads: number): string =>
  `nuthatch, ${threads} worker thread${threads === 1 ? '' : 's'}`;
export const bestKernel = kernels[kernels.length - 1]!.name;

export const nuthatch: readonly Peer[] = kernels.map((kernel) => ({
  name: kernel.name,
  open: async (workload: Workload) => openModel(workload, kernel),
}));

export const nuthatchBest: Peer = nuthatch[nuthatch.length - 1]!;

/** The best kernel in worker threads, which are for large batches: in one, and in two. */
export const nuthatchThreads: readonly Peer[] = [1, 2].map((threads) => ({
  name: threadsName(threads),
  async open(workload: Workload) {
    const model = asPredictor(load(workload.model, { accelerator: workerThreads }));
    const many = await model.parallel({ threads });
    const predict = parallelPredictor(many);
    return {
      name: threadsName(threads),
      version,
      tolerance: toleranceOf(workload),
      answer: () => answerInThreads(many, checkedBatch(workload)),
      time: asyncBatchTimer(workload, (batch) => batch, predict),
      close: many.close,
    };
  },
}));

const toleranceOf = ({ trees, precision }: Workload): number =>
  trees > 0 ? 0 : linearTolerances[precision];

function openModel(workload: Workload, kernel: Kernel): Subject {
  const model = asPredictor(kernel.load(workload.model));
  return {
    name: kernel.name,
    version,
    tolerance: toleranceOf(workload),
    answer: async () => answer(model, checkedBatch(workload)),
    time: batchTimer(workload, (batch) => batch, predictor(model)),
    timeLoad: async () => {
      const start = performance.now();
      const loaded = await kernel.loadFile(join(workload.folder, 'model.nut'));
      const time = performance.now() - start;
      if (loaded.nFeatures !== workload.features) throw new Error('the wrong model');
      return time * 1000;
    },
  };
}

/** `predictInto` with memory for the largest batch so far; returns the last answer. */
export function predictor(model: Model): (batch: Batch) => number {
  const predicting = asPredictor(model);
  if (predicting.task === 'classifier') {
    let out = new Int32Array(1);
    return (batch) => {
      if (out.length < batch.rows) out = new Int32Array(batch.rows);
      predicting.predictInto(batch, out);
      return out[batch.rows - 1]!;
    };
  }
  let out = new Float64Array(1);
  return (batch) => {
    if (out.length < batch.rows) out = new Float64Array(batch.rows);
    predicting.predictInto(batch, out);
    return out[batch.rows - 1]!;
  };
}

/** As `predictor`, in threads. */
export function parallelPredictor(many: Parallel<Predictor>): (batch: Batch) => Promise<number> {
  const Out = many.task === 'classifier' ? Int32Array : Float64Array;
  let out: Int32Array | Float64Array = new Out(1);
  return async (batch) => {
    if (out.length < batch.rows) out = new Out(batch.rows);
    await many.predictInto(batch, out as never);
    return out[batch.rows - 1]!;
  };
}

async function answerInThreads(many: Parallel<Predictor>, batch: Batch): Promise<Answers> {
  if (many.task === 'classifier' && !many.multiOutput) {
    const labels = new Int32Array(batch.rows);
    await many.predictInto(batch, labels);
    return { labels, scores: (await many.predictProba?.(batch))?.data ?? null };
  }
  const scores = new Float64Array(batch.rows);
  if (many.task === 'regressor') await many.predictInto(batch, scores);
  return { labels: null, scores };
}

function answer(model: Model, batch: Batch): Answers {
  const predicting = asPredictor(model);
  if (predicting.task === 'classifier' && !predicting.multiOutput) {
    const labels = new Int32Array(batch.rows);
    predicting.predictInto(batch, labels);
    return { labels, scores: predicting.predictProba?.(batch).data ?? null };
  }
  const scores = new Float64Array(batch.rows);
  if (predicting.task === 'regressor') predicting.predictInto(batch, scores);
  return { labels: null, scores };
}
