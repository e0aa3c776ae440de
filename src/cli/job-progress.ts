import { formatBar, formatCount, plural } from './print.js';

/** How far a job is. */
export interface Done {
  readonly rows: number;
  readonly rejected: number;
  readonly bytes: number;
  /** Bytes of all; null where that is not known. */
  readonly size: number | null;
}

/** What a job did. */
export interface Summary {
  readonly rows: number;
  readonly written: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly resumed: number;
  readonly end: 'done' | 'resumable' | 'given up';
}

/**
 * A line of at most so many characters: a bar and the time left where the size of the input is known, and the fewer of them the less room there is.
 * Both go by what has been done since `first`, which was said `milliseconds` ago: what came before it was slower, or done by another run.
 */
export function describeDone(
  first: Done,
  { rows, rejected, bytes, size }: Done,
  milliseconds: number,
  width: number,
): string {
  const bad = rejected > 0 ? [`${formatCount(rejected)} rejected`] : [];
  const speed = rows > first.rows ? [formatRate(rows - first.rows, milliseconds)] : [];
  const share = size === null || size === 0 ? null : Math.min(1, bytes / size);
  const moved = size === null ? 0 : (bytes - first.bytes) / size;
  const left =
    share !== null && moved > 0
      ? [`${formatDuration((milliseconds / moved) * (1 - share))} left`]
      : [];
  const counts = [plural(rows, 'row'), ...speed, ...bad];
  const percent = share === null ? [] : [`${Math.floor(share * 100)} %`];
  const lines = [
    ...(share === null ? [] : [`${formatBar(share)} ${[...counts, ...left].join(', ')}`]),
    [...percent, ...counts, ...left].join(', '),
    [...percent, ...speed, ...left].join(', '),
    [...percent, ...left].join(', '),
  ];
  return lines.find((line) => line.length <= width) ?? lines.at(-1)!;
}

/** What a job did, in a line. */
export function summarize(summary: Summary, milliseconds: number): string {
  const { rows, written, rejected, unanswered, resumed } = summary;
  const parts = [
    plural(rows, 'row'),
    ...(resumed > 0 ? [`${formatCount(resumed)} of them before`] : []),
    ...(rejected > 0
      ? [`${formatCount(rejected)} rejected`, `${formatCount(written)} written`]
      : []),
    ...(unanswered > 0 ? [`${formatCount(unanswered)} without an answer`] : []),
  ];
  return `${parts.join(', ')}, in ${formatDuration(milliseconds)} (${formatRate(rows - resumed, milliseconds)})`;
}

const formatRate = (rows: number, milliseconds: number): string =>
  `${formatCount(Math.round((rows / (milliseconds + 1)) * 1000))} rows/s`;

function formatDuration(milliseconds: number): string {
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
