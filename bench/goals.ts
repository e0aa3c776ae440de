import { geometricMean, type Measurement, quantile, ratios } from './measurement.js';
import { nativeNames } from './peers/native.js';
import { bestKernel, portableKernel, threadsName } from './peers/nuthatch.js';

/** The workloads that goals are about. */
export const goalWorkloads = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6'] as const;
const batchRows = 10_000;
/** Threads are for batches that take milliseconds. */
export const threadedRows = [20_000, 100_000] as const;

/** A ratio of times: how many times as long as ours the other's is. */
export interface RatioGoal {
  readonly about: string;
  readonly mode: 'one' | 'batch' | 'load';
  /** Of a batch, where it is not the usual one. */
  readonly rows?: number;
  /** The others; where there are several, the fastest on each workload. */
  readonly over: readonly string[];
  readonly workloads: readonly string[];
  /** Whether the geometric mean over the workloads has to reach it, or each of them. */
  readonly of: 'mean' | 'each';
  readonly atLeast: number;
  /** Whose goal it is: of kernels on one thread, both kernels' figures are printed. */
  readonly kernel: 'best' | 'portable' | 'threads';
}

const onnx = ['onnxruntime-node'];
const scikitLearn = ['scikit-learn'];
const all = goalWorkloads;

/** "What to reach", as far as it is a ratio of times. */
export const ratioGoals: readonly RatioGoal[] = [
  {
    about: 'batch, over onnxruntime-node',
    mode: 'batch',
    over: onnx,
    workloads: all,
    of: 'mean',
    atLeast: 5,
    kernel: 'best',
  },
  {
    about: 'batch, over scikit-learn',
    mode: 'batch',
    over: scikitLearn,
    workloads: all,
    of: 'mean',
    atLeast: 6,
    kernel: 'best',
  },
  {
    about: 'batch, over onnxruntime-node on each',
    mode: 'batch',
    over: onnx,
    workloads: all,
    of: 'each',
    atLeast: 1.2,
    kernel: 'best',
  },
  {
    about: 'batch, over scikit-learn on each',
    mode: 'batch',
    over: scikitLearn,
    workloads: all,
    of: 'each',
    atLeast: 1.2,
    kernel: 'best',
  },
  {
    about: 'batch, at most 1.1× the time of the faster native C on each',
    mode: 'batch',
    over: nativeNames,
    workloads: all,
    of: 'each',
    atLeast: 1 / 1.1,
    kernel: 'best',
  },
  {
    about: 'batch, portable kernel over onnxruntime-node',
    mode: 'batch',
    over: onnx,
    workloads: all,
    of: 'mean',
    atLeast: 2,
    kernel: 'portable',
  },
  {
    about: 'batch of 100,000, two worker threads over one on each',
    mode: 'batch',
    rows: threadedRows[1],
    over: [threadsName(1)],
    workloads: all,
    of: 'each',
    atLeast: 1.8,
    kernel: 'threads',
  },
  {
    about: 'one row, over onnxruntime-node',
    mode: 'one',
    over: onnx,
    workloads: all,
    of: 'mean',
    atLeast: 8,
    kernel: 'best',
  },
  {
    about: 'one row, over onnxruntime-node on each',
    mode: 'one',
    over: onnx,
    workloads: all,
    of: 'each',
    atLeast: 4,
    kernel: 'best',
  },
  {
    about: 'one row, over m2cgen, where it can generate code',
    mode: 'one',
    over: ['m2cgen'],
    workloads: ['W1', 'W2', 'W3', 'W5'],
    of: 'mean',
    atLeast: 12,
    kernel: 'best',
  },
  {
    about: 'load, over onnxruntime-node',
    mode: 'load',
    over: onnx,
    workloads: ['W4'],
    of: 'each',
    atLeast: 100,
    kernel: 'best',
  },
];

export interface Judgement {
  readonly about: string;
  /** As printed: `≥5×`. */
  readonly goal: string;
  /** Figures of the kernels; null where something was not measured. */
  readonly portable: string | null;
  readonly best: string | null;
  /** Of the kernel whose goal it is. */
  readonly verdict: string;
}

/**
 * A ratio's figure: the lower quartile of its rounds decides, the median is for people. For a mean over workloads, the geometric mean of
 * theirs; for each of several, the lowest.
 */
export interface Figure {
  readonly median: number;
  readonly lower: number;
  /** The workload that decides, where it is the lowest of several. */
  readonly at: string | null;
}

/** The figure of one kernel for a goal; or which workloads lack a measurement. */
export function judgeKernel(
  goal: RatioGoal,
  kernel: string,
  measurements: readonly Measurement[],
): Figure | { readonly missing: readonly string[] } {
  const find = (workload: string, subject: string) =>
    measurements.find(
      (one) =>
        one.workload === workload &&
        one.subject === subject &&
        one.mode === goal.mode &&
        (goal.mode !== 'batch' || one.rows === (goal.rows ?? batchRows)),
    );
  const missing: string[] = [];
  const figures: Figure[] = [];
  for (const workload of goal.workloads) {
    const ours = find(workload, kernel);
    const others = goal.over
      .map((subject) => ratios(find(workload, subject), ours))
      .filter((ratio) => ratio !== null)
      .map((ratio) => ({
        median: quantile(ratio, 0.5),
        lower: quantile(ratio, 0.25),
        at: workload,
      }));
    others.sort((a, b) => a.median - b.median);
    if (others[0] === undefined) missing.push(workload);
    else figures.push(others[0]);
  }
  if (missing.length > 0) return { missing };
  if (goal.of === 'mean') {
    return {
      median: geometricMean(figures.map(({ median }) => median)),
      lower: geometricMean(figures.map(({ lower }) => lower)),
      at: null,
    };
  }
  return figures.reduce((lowest, figure) => (figure.lower < lowest.lower ? figure : lowest));
}

export function judgeRatio(goal: RatioGoal, measurements: readonly Measurement[]): Judgement {
  const inThreads = goal.kernel === 'threads';
  const portable = judgeKernel(goal, portableKernel, measurements);
  const best = judgeKernel(goal, inThreads ? threadsName(2) : bestKernel, measurements);
  const own = goal.kernel === 'portable' ? portable : best;
  return {
    about: goal.about,
    goal: `≥${formatRatio(goal.atLeast)}×`,
    portable: inThreads ? null : formatFigure(portable, goal),
    best: formatFigure(best, goal),
    verdict:
      'missing' in own
        ? `not measured on ${own.missing.join(', ')}`
        : own.lower >= goal.atLeast
          ? 'pass'
          : 'falls short',
  };
}

function formatFigure(figure: ReturnType<typeof judgeKernel>, goal: RatioGoal): string | null {
  if ('missing' in figure) return null;
  const { median, lower, at } = figure;
  const where = at === null || goal.workloads.length === 1 ? '' : ` (${at})`;
  return `${formatRatio(median)}×, ${formatRatio(lower)}×${where}`;
}

export function formatRatio(ratio: number): string {
  return ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2);
}
