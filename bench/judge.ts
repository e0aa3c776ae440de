import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBytes } from '../src/cli/print.js';
import { asPredictor, load } from '../src/index.js';
import { goalWorkloads, type Judgement, judgeRatio, ratioGoals } from './goals.js';
import { measureAllocation } from './measure.js';
import type { Measurement } from './measurement.js';
import { kernels } from './peers/nuthatch.js';
import { cutBatches, readWorkload, type Workload } from './workload.js';

const goals = { fileBytes: 15e6, growth: 1.2 } as const;
/** What measuring an allocation takes by itself; see `measureAllocation`. */
const noise = 10;

/** Every goal with its figures: those of the measurements, and those that are measured here, of our own alone. */
export async function judgeAll(measurements: readonly Measurement[]): Promise<Judgement[]> {
  return [
    ...ratioGoals.map((goal) => judgeRatio(goal, measurements)),
    ...(measurements.some(({ workload }) => workload === 'W4') ? [judgeSize(), judgeGrowth()] : []),
    ...(measurements.some(({ mode }) => mode === 'one') ? [judgeAllocation(measurements)] : []),
  ];
}

/** Bytes of W4's file but for what no kernel needs. */
function judgeSize(): Judgement {
  const { model } = readWorkload('W4', true);
  const { root } = load(model).description;
  const unneeded =
    root.kind === 'trees' ? (root.nodeIds?.byteLength ?? 0) + (root.covers?.byteLength ?? 0) : 0;
  const size = model.length - unneeded;
  return {
    about: "load, W4's file, what no kernel needs not counted",
    goal: `≤${formatBytes(goals.fileBytes)}`,
    portable: formatBytes(size),
    best: formatBytes(size),
    verdict: verdict(size <= goals.fileBytes),
  };
}

/** In processes of their own, whose memory nobody else has used. */
function judgeGrowth(): Judgement {
  const script = fileURLToPath(new URL('./load-memory.js', import.meta.url));
  const [large, small] = ['W4', 'W1'].map((name) => readWorkload(name, true));
  const path = ({ folder }: Workload) => join(folder, 'model.nut');
  const [portable, best] = ['portable', 'best'].map((kernel) => {
    const args = [script, kernel, path(large!), path(small!)];
    return Number(execFileSync(process.execPath, args, { encoding: 'utf8' })) / large!.model.length;
  });
  return {
    about: 'load, resident memory for W4, in times of its file',
    goal: `≤${goals.growth.toFixed(2)}×`,
    portable: `${portable!.toFixed(2)}×`,
    best: `${best!.toFixed(2)}×`,
    verdict: verdict(best! <= goals.growth),
  };
}

/** The most bytes that a call of `predictInto` with one row leaves behind. */
function judgeAllocation(measurements: readonly Measurement[]): Judgement {
  const measured = goalWorkloads.filter((name) =>
    measurements.some(({ workload, mode }) => workload === name && mode === 'one'),
  );
  const [portable, best] = [kernels[0]!, kernels.at(-1)!].map((kernel) =>
    measured.reduce((most, name) => {
      const workload = readWorkload(name, true);
      const model = asPredictor(kernel.load(workload.model));
      const batches = cutBatches(workload, 1);
      const out = new (model.task === 'classifier' ? Int32Array : Float64Array)(1);
      let next = 0;
      const bytes = measureAllocation(() => {
        model.predictInto(batches[next++ % batches.length]!, out as never);
      });
      return Math.max(most, bytes);
    }, 0),
  );
  return {
    about: 'one row, bytes that a call of predictInto allocates',
    goal: `0 (measuring takes up to ${noise})`,
    portable: portable!.toFixed(0),
    best: best!.toFixed(0),
    verdict: verdict(best! < noise),
  };
}

function verdict(passes: boolean): string {
  return passes ? 'pass' : 'falls short';
}
