import uPlot from 'uplot';
import { create } from './elements.js';

export interface Line {
  readonly label: string;
  /** A colour of the style sheet: `--line-1`. */
  readonly color: string;
}

export type Figures = readonly (readonly (number | null)[])[];

/** Lines over the last quarter of an hour, and their newest values as text. */
export interface Chart {
  readonly element: HTMLElement;
  /** @param time seconds since 1970 */
  show(time: readonly number[], figures: Figures): void;
}

const height = 132;
const span = 15 * 60;
/** Of a server that has just begun. */
const least = 60;

/** What a pointer shows in one chart, all show. */
const together = uPlot.sync('traffic');

export function createChart(
  title: string,
  lines: readonly Line[],
  format: (value: number) => string,
): Chart {
  const values = lines.map(() => create('span', { class: 'now' }, '–'));
  const legend = lines.map(({ label, color }, i) => {
    const swatch = create('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = `var(${color})`;
    return create(
      'span',
      { class: 'legend' },
      ...(lines.length > 1 ? [swatch, label] : []),
      values[i]!,
    );
  });
  const canvas = create('div', { class: 'plot', role: 'img' });
  const element = create(
    'section',
    { class: 'card chart' },
    create('h3', {}, title),
    create('p', { class: 'legends' }, ...legend),
    canvas,
  );
  const colorOf = (name: string) =>
    getComputedStyle(document.documentElement).getPropertyValue(name);
  const axis = {
    stroke: () => colorOf('--muted'),
    grid: { stroke: () => colorOf('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  let figures: Figures = [];
  const tell = (at: number | null) => {
    values.forEach((own, i) => {
      const value = figures[i]?.[at ?? (figures[i]?.length ?? 0) - 1] ?? null;
      own.textContent = value === null ? '–' : format(value);
    });
  };
  const plot = new uPlot(
    {
      width: 300,
      height,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: together.key }, drag: { x: false, y: false }, points: { size: 5 } },
      scales: {
        x: { time: true, range: (plot) => rangeOf(plot.data[0]) },
        y: { range: (_, __, most) => [0, Math.max(most || 0, Number.MIN_VALUE) * 1.1 || 1] },
      },
      axes: [
        { ...axis, size: 24, space: 60, values: clockOf },
        { ...axis, size: 46, space: 34, values: (_, ticks) => ticks.map((tick) => format(tick)) },
      ],
      series: [
        {},
        ...lines.map(({ color }, i) => ({
          stroke: () => colorOf(color),
          width: 1.5,
          spanGaps: false,
          points: { show: false },
          ...(lines.length === 1 && i === 0 && { fill: () => colorOf('--area') }),
        })),
      ],
      hooks: { setCursor: [({ cursor }) => tell(cursor.idx ?? null)] },
    },
    [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData,
    canvas,
  );
  new ResizeObserver(([entry]) => {
    plot.setSize({ width: Math.max(120, Math.floor(entry!.contentRect.width)), height });
  }).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());
  return {
    element,
    show: (time, shown) => {
      figures = shown;
      plot.setData([time, ...shown] as unknown as uPlot.AlignedData);
      tell(null);
      const now = lines.map(
        ({ label }, i) => `${lines.length > 1 ? `${label} ` : ''}${values[i]!.textContent}`,
      );
      canvas.setAttribute(
        'aria-label',
        `${title}, now ${now.join(', ')}; all figures are in the table below`,
      );
    },
  };
}

const clockOf = (_: uPlot, ticks: readonly number[]): string[] =>
  ticks.map((tick) =>
    new Date(tick * 1000).toLocaleTimeString([], {
      hour: '2-digit',
      minute: '2-digit',
      hour12: false,
    }),
  );

/** All that is known, up to the newest. */
function rangeOf(time: ArrayLike<number>): [number, number] {
  const end = time[time.length - 1] ?? Date.now() / 1000;
  const start = Math.max(time[0] ?? end, end - span);
  return [Math.min(start, end - least), end];
}
