/** A subject's time on a workload in one mode. */
export interface Measurement {
  readonly workload: string;
  /** `one` row a call, each call another one; rows in a `batch`; or a `load` of the model's file. */
  readonly mode: 'one' | 'batch' | 'load';
  /** Rows of a call; null for `load`. */
  readonly rows: number | null;
  readonly subject: string;
  /** µs per row, or per load, in each round; none where answers are wrong or a call takes too long. */
  readonly samples: readonly number[];
  /** Whether the answers were the expected ones. */
  readonly ok: boolean;
  /** Why there are no samples. */
  readonly note: string | null;
}

/** A measurement as `--json` writes it. `spread` is half the distance between the quartiles, in percent of the median. */
export interface JsonMeasurement {
  readonly workload: string;
  readonly mode: Measurement['mode'];
  readonly subject: string;
  readonly medianUsPerRow: number | null;
  readonly spread: number | null;
  readonly ok: boolean;
  readonly rows: number | null;
}

export function toJson(measurement: Measurement): JsonMeasurement {
  const { workload, mode, subject, samples, ok, rows } = measurement;
  const timed = samples.length > 0;
  return {
    workload,
    mode,
    subject,
    medianUsPerRow: timed ? quantile(samples, 0.5) : null,
    spread: timed ? spreadOf(samples) : null,
    ok,
    rows,
  };
}

/** All measurements as a JSON array, one a line. */
export function formatJson(measurements: readonly Measurement[]): string {
  const lines = measurements.map((measurement) => ` ${JSON.stringify(toJson(measurement))}`);
  return `[\n${lines.join(',\n')}\n]\n`;
}

/** Interpolated between the two nearest values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}

export function spreadOf(samples: readonly number[]): number {
  const half = (quantile(samples, 0.75) - quantile(samples, 0.25)) / 2;
  return (half / quantile(samples, 0.5)) * 100;
}

/** How many times as long as ours another's rounds took, round by round; null where one of the two was not timed. */
export function ratios(
  other: Measurement | undefined,
  ours: Measurement | undefined,
): number[] | null {
  if (other === undefined || ours === undefined) return null;
  if (other.samples.length === 0 || other.samples.length !== ours.samples.length) return null;
  return other.samples.map((sample, round) => sample / ours.samples[round]!);
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
