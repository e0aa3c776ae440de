import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { formatBytes } from '../src/cli/print.js';
import { load } from '../src/index.js';
import { goalWorkloads, type Judgement, judgeRatio, ratioGoals } from './goals.js';
import { measureAllocation } from './measure.js';
import type { Measurement } from './measurement.js';
import { predictor } from './peers/nuthatch.js';
import { cutBatches, readWorkload } from './workload.js';

const goals = { fileBytes: 15e6, growth: 1.2 } as const;
/** What measuring an allocation takes by itself; see `measureAllocation`. */
const noise = 10;

/** Every goal with its figures: those of the measurements, and those that are measured here, of our own alone. */
export async function judgeAll(measurements: readonly Measurement[]): Promise<Judgement[]> {
  return [
    ...ratioGoals.map((goal) => judgeRatio(goal, measurements)),
    ...(measurements.some(({ workload }) => workload === 'W4') ? [judgeSize(), judgeGrowth()] : []),
    ...(measurements.some(({ mode }) => mode === 'one') ? [judgeAllocation(measurements)] : []),
    {
      about: 'two worker threads over one',
      goal: '≥1.80×',
      portable: null,
      best: null,
      verdict: 'not measured: predictions use one thread so far',
    },
  ];
}

/** Bytes of W4's file but for what no kernel needs. */
function judgeSize(): Judgement {
  const { model } = readWorkload('W4', true);
  const { root } = load(model).description;
  const unneeded =
    root.kind === 'trees' ? (root.nodeIds?.byteLength ?? 0) + (root.covers?.byteLength ?? 0) : 0;
  const size = model.length - unneeded;
  return own(
    "load, W4's file",
    `≤${formatBytes(goals.fileBytes)}`,
    formatBytes(size),
    size <= goals.fileBytes,
  );
}

/** In a process of its own, whose memory nobody else has used. */
function judgeGrowth(): Judgement {
  const script = new URL('./load-memory.js', import.meta.url).pathname;
  const [large, small] = ['W4', 'W1'].map((name) =>
    join(readWorkload(name, true).folder, 'model.nut'),
  );
  const said = execFileSync(process.execPath, [script, large!, small!], { encoding: 'utf8' });
  const { file, memory, resident } = JSON.parse(said) as Record<string, number>;
  const growth = memory! / file!;
  return own(
    'load, memory for W4, in times of its file',
    `≤${goals.growth.toFixed(2)}×`,
    `${growth.toFixed(3)}× (resident ${(resident! / file!).toFixed(2)}×)`,
    growth <= goals.growth,
  );
}

/** The most bytes that a call of `predictInto` with one row leaves behind. */
function judgeAllocation(measurements: readonly Measurement[]): Judgement {
  const measured = goalWorkloads.filter((name) =>
    measurements.some(({ workload, mode }) => workload === name && mode === 'one'),
  );
  const bytes = measured.map((name) => {
    const workload = readWorkload(name, true);
    const predict = predictor(load(workload.model));
    const batches = cutBatches(workload, 1);
    let next = 0;
    return measureAllocation(() => {
      predict(batches[next++ % batches.length]!);
    });
  });
  const most = Math.max(...bytes);
  return own(
    'one row, bytes allocated by a call of predictInto',
    `<${noise} (0, and what measuring takes)`,
    most.toFixed(1),
    most < noise,
  );
}

function own(about: string, goal: string, figure: string, passes: boolean): Judgement {
  return { about, goal, portable: null, best: figure, verdict: passes ? 'pass' : 'falls short' };
}
