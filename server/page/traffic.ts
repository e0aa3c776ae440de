import type { TrafficReport } from '../src/page/reports.js';
import { createChart } from './chart.js';
import { askQuietly } from './client.js';
import { byId, create } from './elements.js';
import { formatShort } from './numbers.js';

type Measure = Exclude<keyof TrafficReport, 'time' | 'errorCodes'>;
type Samples = { readonly [name in Measure | 'time']: (number | null)[] };

const perSecond = (value: number) => `${formatShort(value)}/s`;
const milliseconds = (value: number) => `${formatShort(value)} ms`;
const megabytes = (value: number) => `${formatShort(value)} MiB`;

const shown: readonly (readonly [
  title: string,
  lines: readonly (readonly [Measure, label: string, color: string])[],
  format: (value: number) => string,
])[] = [
  ['Requests', [['requests', 'requests', '--line-1']], perSecond],
  [
    'Latency',
    [
      ['p50', 'p50', '--line-1'],
      ['p95', 'p95', '--line-2'],
      ['p99', 'p99', '--line-3'],
    ],
    milliseconds,
  ],
  ['Rows', [['rows', 'rows', '--line-1']], perSecond],
  ['Errors', [['errors', 'errors', '--line-3']], perSecond],
  ['In flight', [['inFlight', 'requests', '--line-1']], formatShort],
  ['Memory', [['memory', 'resident', '--line-1']], megabytes],
];
const measures = shown.flatMap(([title, lines, format]) =>
  lines.map(([name, label]) => ({ name, title: lines.length > 1 ? label : title, format })),
);
const mostListed = 60;
const span = 15 * 60_000;

/** Charts of what the server does, and the figures behind them as a table. */
export function createTraffic(): { update(): Promise<void> } {
  const charts = shown.map(([title, lines, format]) => {
    const chart = createChart(
      title,
      lines.map(([, label, color]) => ({ label, color })),
      format,
    );
    byId('charts').append(chart.element);
    return { chart, names: lines.map(([name]) => name) };
  });
  const samples = Object.fromEntries(
    ['time', ...measures.map(({ name }) => name)].map((name) => [name, []]),
  ) as unknown as Samples;
  const figures = byId<HTMLDetailsElement>('figures');
  figures.ontoggle = () => showTable(samples);
  return {
    update: async () => {
      const { value } = await askQuietly<TrafficReport>(
        `ui/statistics?since=${samples.time.at(-1) ?? 0}`,
      );
      add(samples, value);
      const seconds = samples.time.map((time) => time! / 1000);
      for (const { chart, names } of charts)
        chart.show(
          seconds,
          names.map((name) => samples[name]),
        );
      showTable(samples);
    },
  };
}

function add(samples: Samples, report: TrafficReport): void {
  const names = Object.keys(samples) as (keyof Samples)[];
  const memory = report.memory.map((bytes) => bytes! / 2 ** 20);
  for (const name of names) samples[name].push(...(name === 'memory' ? memory : report[name]));
  const oldest = (samples.time.at(-1) ?? 0) - span;
  const gone = samples.time.findIndex((time) => time! > oldest);
  for (const name of names) samples[name].splice(0, Math.max(0, gone));
}

/** The newest first. */
function showTable(samples: Samples): void {
  if (!byId<HTMLDetailsElement>('figures').open) return;
  const last = samples.time.length - 1;
  const rows = samples.time.slice(-mostListed).map((_, back) => {
    const at = last - back;
    const clock = new Date(samples.time[at]!).toLocaleTimeString();
    const cells = measures.map(({ name, format }) => {
      const value = samples[name][at] ?? null;
      return create('td', { class: 'number' }, value === null ? '–' : format(value));
    });
    return create('tr', {}, create('th', { scope: 'row' }, clock), ...cells);
  });
  const heads = ['Time', ...measures.map(({ title }) => title)];
  byId('figures-table').replaceChildren(
    create(
      'table',
      { class: 'values' },
      create(
        'thead',
        {},
        create('tr', {}, ...heads.map((text) => create('th', { scope: 'col' }, text))),
      ),
      create('tbody', {}, ...rows),
    ),
  );
}
