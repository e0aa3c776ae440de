import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes, formatCount } from '../src/cli/print.js';
import { markdown, writeSection } from './document.js';
import { projectFolder } from './fixtures.js';
import { type ForestTimes, type Growth, measureGrowth, median, type RowTimes } from './growth.js';
import { describeMachine } from './machine.js';
import { openPlot, type Panel } from './plot.js';
import { formatMicros } from './tables.js';

/** Measures how times grow, and writes the tables of docs/performance.md and their plot, docs/scaling.svg. */
const rounds = 5;
const marks = ['<!-- scaling: npm run bench:scaling -->', '<!-- end of scaling -->'] as const;
const document = join(projectFolder, 'docs', 'performance.md');

const colors = { one: '#7a4fbf', batch: '#1f77b4', threads: '#d1495b', load: '#2e8b57' } as const;

type Number = (times: ForestTimes) => number;
const at = (forests: readonly ForestTimes[], x: Number, y: Number) =>
  forests.map((forest) => [x(forest), y(forest)] as const);

/** Time per row of the three ways to ask, over a size of the forest. */
function rowPanel(forests: readonly ForestTimes[], what: 'nodes' | 'trees', title: string): Panel {
  const over = (samples: 'one' | 'batch' | 'threads') =>
    at(
      forests,
      (forest) => forest[what],
      (forest) => median(forest[samples]),
    );
  return {
    title,
    x: what,
    series: [
      { name: 'one row a call', color: colors.one, points: over('one') },
      { name: 'one thread', color: colors.batch, points: over('batch') },
      { name: 'two threads', color: colors.threads, points: over('threads') },
    ],
  };
}

const panelsOf = ({ nodes, trees, rows }: Growth): Panel[] => [
  rowPanel(nodes, 'nodes', 'µs per row, as the nodes of a forest grow'),
  {
    title: 'ms to load, as the nodes grow',
    x: 'nodes',
    series: [
      {
        name: 'load',
        color: colors.load,
        points: at(
          nodes,
          (forest) => forest.nodes,
          (forest) => median(forest.load),
        ),
      },
    ],
  },
  rowPanel(trees, 'trees', 'µs per row, as trees of 501 nodes become more'),
  {
    title: 'µs per row, as the rows of a call grow (10⁵ nodes)',
    x: 'rows of a call',
    series: (['here', 'threads'] as const).map((way) => ({
      name: way === 'here' ? 'one thread' : 'two threads',
      color: way === 'here' ? colors.batch : colors.threads,
      points: rows.map((times) => [times.rows, median(times[way])] as const),
    })),
  },
];

function formatDocument(growth: Growth): string {
  const forests = (times: readonly ForestTimes[]) =>
    times.map(({ nodes, trees, fileBytes, load, one, batch, threads }) => [
      formatCount(nodes),
      formatCount(trees),
      formatBytes(fileBytes),
      ...[load, one, batch, threads].map((samples) => formatMicros(median(samples))),
      ratio(batch, threads),
    ]);
  const rows = ({ rows, here, threads }: RowTimes) => [
    formatCount(rows),
    ...[here, threads].map((samples) => formatMicros(median(samples))),
    ratio(here, threads),
  ];
  return [
    describeMachine(),
    '![Time per row and load time over nodes, trees and rows](scaling.svg)',
    markdown([
      ['nodes', 'trees', 'file', 'load ms', 'one row µs', 'µs a row', 'two threads', 'times'],
      ...forests(growth.nodes),
      ...forests(growth.trees),
    ]),
    markdown([['rows of a call', 'µs a row', 'two threads', 'times'], ...growth.rows.map(rows)]),
  ].join('\n\n');
}

/** How many times as fast two threads are. */
const ratio = (here: readonly number[], threads: readonly number[]): string =>
  (median(here) / median(threads)).toFixed(2);

async function main(): Promise<void> {
  const drawPanels = await openPlot();
  const growth = await measureGrowth(rounds);
  const section = formatDocument(growth);
  process.stdout.write(`${section}\n`);
  writeFileSync(join(projectFolder, 'docs', 'scaling.svg'), drawPanels(panelsOf(growth)));
  writeSection(document, section, marks);
}

main().catch((error: Error) => {
  process.stderr.write(`bench:scaling: ${error.message}\n`);
  process.exitCode = 2;
});
