import { formatCount, formatTable } from '../../src/cli/print.js';
import type { Bench } from '../context.js';
import { batchRows, type ForestTimes, measureGrowth, median, rowsForest } from '../growth.js';
import { spreadOf } from '../measurement.js';
import { formatMicros } from '../tables.js';

/** By name only: forests of ten million nodes take their time to make. */
export const runsIn = [] as const;
export const trained: readonly string[] = [];

/** How times grow: with the nodes of a forest, with its trees, and with the rows of a call. */
export async function run({ pace }: Bench): Promise<void> {
  const { nodes, trees, rows } = await measureGrowth(pace.rounds);
  print('nodes', nodes, ({ nodes }) => nodes);
  print('trees', trees, ({ trees }) => trees);
  const cells = [['rows', 'µs/row', '±', 'two threads', '±']];
  for (const { rows: size, here, threads } of rows)
    cells.push([formatCount(size), ...formatSamples(here), ...formatSamples(threads)]);
  const title = `time per row as the rows of a call grow, ${formatCount(rowsForest)} nodes`;
  process.stdout.write(`${title}\n${formatTable(cells)}\n\n`);
}

function print(
  what: 'nodes' | 'trees',
  forests: readonly ForestTimes[],
  size: (forest: ForestTimes) => number,
): void {
  const most = Math.max(...forests.map(({ batch }) => median(batch)));
  const cells = [
    [
      ...[what, 'load ms', '±', 'one row µs', '±', 'batch µs/row', '±', 'two threads', '±'],
      ...[`ns per ${what.slice(0, -1)}`, 'batch'],
    ],
  ];
  for (const forest of forests) {
    const micros = median(forest.batch);
    cells.push([
      formatCount(size(forest)),
      ...formatSamples(forest.load),
      ...formatSamples(forest.one),
      ...formatSamples(forest.batch),
      ...formatSamples(forest.threads),
      ((1000 * micros) / size(forest)).toFixed(size(forest) > 5000 ? 4 : 2),
      plotLogarithm(micros, most),
    ]);
  }
  const title = `time as the ${what} grow, batches of ${formatCount(batchRows)}`;
  process.stdout.write(`${title}\n${formatTable(cells)}\n\n`);
}

function formatSamples(samples: readonly number[]): [string, string] {
  return [formatMicros(median(samples)), `${spreadOf(samples).toFixed(1)}%`];
}

/** A bar with ten characters for each power of ten, the largest of four. */
function plotLogarithm(value: number, most: number): string {
  return '#'.repeat(Math.max(1, Math.round(40 + 10 * Math.log10(value / most))));
}
