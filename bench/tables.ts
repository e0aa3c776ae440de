import { formatCount, formatTable } from '../src/cli/print.js';
import { type Absentee, type Comparison, callSizes } from './comparison.js';
import { formatRatio, type Judgement, threadedRows } from './goals.js';
import { geometricMean, type Measurement, quantile, ratios, spreadOf } from './measurement.js';
import { bestKernel } from './peers/nuthatch.js';

/** µs of three or four digits. */
export function formatMicros(micros: number): string {
  if (micros >= 100) return formatCount(Math.round(micros));
  return micros >= 10 ? micros.toFixed(1) : micros >= 1 ? micros.toFixed(2) : micros.toFixed(3);
}

/** One workload: a line for each subject, three columns for each size of a call. */
export function formatComparison({ workload, measurements, absent }: Comparison): string {
  const sizes = [...new Set(measurements.map(({ rows }) => rows))];
  const title = (rows: number | null) => {
    if (rows === null) return 'load µs';
    return rows === 1 ? 'one row µs' : `${formatCount(rows)} rows µs/row`;
  };
  const subjects = [...new Set(measurements.map(({ subject }) => subject))];
  const find = (subject: string, rows: number | null) =>
    measurements.find((one) => one.subject === subject && one.rows === rows);
  const cells = [['', ...sizes.flatMap((rows) => [title(rows), '±', 'ratio'])]];
  for (const subject of subjects) {
    cells.push([
      subject,
      ...sizes.flatMap((rows) => formatTimes(find(subject, rows), find(bestKernel, rows))),
    ]);
  }
  const size = workload.nodes > 0 ? ` (${formatCount(workload.nodes)} nodes)` : '';
  const wrong = measurements.filter(({ ok }) => !ok);
  const notes = [
    ...[
      ...new Set(wrong.map(({ subject, note }) => `${subject}: WRONG ANSWERS, not timed: ${note}`)),
    ],
    ...absent.map(({ peer, reason }) => `${peer}: absent: ${reason}`),
  ];
  return [`${workload.name}: ${workload.about}${size}`, formatTable(cells), ...notes].join('\n');
}

function formatTimes(
  measurement: Measurement | undefined,
  ours: Measurement | undefined,
): string[] {
  if (measurement === undefined) return ['–', '–', '–'];
  if (!measurement.ok) return ['wrong', '–', '–'];
  const { samples, note } = measurement;
  if (samples.length === 0) return [note ?? '–', '–', '–'];
  const ratio = ratios(measurement, ours);
  return [
    formatMicros(quantile(samples, 0.5)),
    `${spreadOf(samples).toFixed(1)}%`,
    ratio === null ? '–' : formatRatio(quantile(ratio, 0.5)),
  ];
}

/** How many times as long as ours every subject takes: a line for each subject and size of a call, a column for each workload. */
export function formatRatios(measurements: readonly Measurement[]): string {
  const workloads = [...new Set(measurements.map(({ workload }) => workload))];
  const subjects = [...new Set(measurements.map(({ subject }) => subject))];
  const cells = [['', 'rows', ...workloads, 'geometric mean']];
  for (const rows of [1, callSizes[callSizes.length - 1]!, threadedRows[1], null]) {
    for (const subject of subjects) {
      if (subject === bestKernel) continue;
      const find = (workload: string, of: string) =>
        measurements.find(
          (one) => one.workload === workload && one.subject === of && one.rows === rows,
        );
      const medians = workloads.map((workload) => {
        const ratio = ratios(find(workload, subject), find(workload, bestKernel));
        return ratio === null ? null : quantile(ratio, 0.5);
      });
      const known = medians.filter((median) => median !== null);
      if (known.length === 0) continue;
      cells.push([
        subject,
        rows === null ? 'load' : formatCount(rows),
        ...medians.map((median) => (median === null ? '–' : formatRatio(median))),
        formatRatio(geometricMean(known)),
      ]);
    }
  }
  return cells.length === 1
    ? ''
    : `times of others, in times of ${bestKernel} (medians of rounds)\n${formatTable(cells)}`;
}

export function formatJudgements(judgements: readonly Judgement[]): string {
  const cells = [['what to reach', 'goal', 'portable kernel', 'best kernel', 'verdict']];
  for (const { about, goal, portable, best, verdict } of judgements)
    cells.push([about, goal, portable ?? '–', best ?? '–', verdict]);
  return `goals: median and lower quartile of the rounds; the lower quartile decides\n${formatTable(cells)}`;
}

export function formatAbsent(absent: readonly Absentee[]): string {
  const reasons = new Map<string, string[]>();
  for (const { peer, reason, workload } of absent) {
    const key = `${peer}: ${reason}`;
    reasons.set(key, [...(reasons.get(key) ?? []), workload]);
  }
  return [...reasons]
    .map(([key, workloads]) => `${key} (${[...new Set(workloads)].join(', ')})`)
    .join('\n');
}
