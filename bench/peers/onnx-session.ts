import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBatchTimer } from '../batches.js';
import type { Absence, Answers, Subject } from '../subject.js';
import { type Batch, checkedBatch, readFileOf, type Workload } from '../workload.js';

/** What both ONNX runtimes for JavaScript have, as far as it is used here. */
export interface OnnxRuntime {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor;
  readonly InferenceSession: {
    create(file: Uint8Array | string, options: object): Promise<OnnxSession>;
  };
}

interface OnnxTensor {
  readonly data: Float32Array | BigInt64Array;
}

interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    feeds: Record<string, OnnxTensor>,
    fetches: readonly string[],
  ): Promise<Record<string, OnnxTensor>>;
  release(): Promise<void>;
}

/** Answers are float32, and so are the sums behind them. */
const tolerance = 1e-5;

/** A workload's ONNX file in one of the runtimes, on one thread. */
export async function openOnnx(
  workload: Workload,
  runtime: OnnxRuntime,
  { name, version, provider }: { name: string; version: string; provider: 'cpu' | 'wasm' },
): Promise<Subject | Absence> {
  const bytes = readFileOf(workload, 'model.onnx');
  if (bytes === null) return { absent: workload.absent['model.onnx'] ?? 'there is no model.onnx' };
  const path = join(workload.folder, 'model.onnx');
  const create = (file: Uint8Array | string) =>
    runtime.InferenceSession.create(file, {
      executionProviders: [provider],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
    });
  const session = await create(bytes);
  // Browsers' runtime takes no paths, and committed files are packed.
  const readable = provider === 'cpu' && existsSync(path);
  const input = session.inputNames[0]!;
  const feed = ({ data, rows, cols }: Batch) => ({
    [input]: new runtime.Tensor('float32', data, [rows, cols]),
  });
  // Labels, or values: what predict gives. The probabilities are not asked for.
  const predicted = [session.outputNames[0]!];
  return {
    name,
    version,
    tolerance,
    async answer(): Promise<Answers> {
      const results = await session.run(feed(checkedBatch(workload)), session.outputNames);
      const [first, second] = session.outputNames.map((output) => results[output]!.data);
      if (workload.classes === null)
        return { labels: null, scores: Float64Array.from(first as Float32Array) };
      return {
        labels: Int32Array.from(first as BigInt64Array, Number),
        scores: Float64Array.from(second as Float32Array),
      };
    },
    time: asyncBatchTimer(workload, feed, async (feeds) =>
      Number((await session.run(feeds, predicted))[predicted[0]!]!.data[0]),
    ),
    async timeLoad() {
      const start = performance.now();
      const loaded = await create(readable ? path : bytes);
      const time = performance.now() - start;
      if (loaded.inputNames[0] !== input) throw new Error('the wrong model');
      await loaded.release();
      return time * 1000;
    },
    close: () => session.release(),
  };
}
