import type { DriftReport } from '../src/drift/monitor.js';
import type { SeriesReport } from '../src/drift/report.js';
import { askQuietly } from './client.js';
import { byId, create } from './elements.js';
import { formatPercent, formatWhole } from './numbers.js';

const heads = [
  ...['Feature or answer', 'Training and now', 'PSI', '', 'State', 'Missing', 'Unseen'],
] as const;
const numbers = new Set(['PSI', 'Missing', 'Unseen']);
/** Where a bar ends: twice what is large. */
const widest = 0.4;
const words = { stable: 'stable', moderate: 'moderate', large: 'large' } as const;

/** What a model's columns and answers hold now, beside its training rows. */
export async function showDrift(name: string, version: string): Promise<void> {
  const { value } = await askQuietly<{ readonly models: readonly DriftReport[] }>('drift');
  const report = value.models.find((one) => one.model === name && one.version === version);
  byId('drift-note').textContent = report === undefined ? '' : noteOf(report);
  const table = byId('drift-table');
  table.hidden = report === undefined || report.series.length === 0;
  if (report !== undefined && !table.hidden) table.replaceChildren(tableOf(report.series));
}

function noteOf({ status, trainingRows, window }: DriftReport): string {
  if (status === 'no-reference')
    return 'The file of this model holds no statistics of its training rows; nuthatch convert --reference train.csv adds them.';
  const rows = formatWhole(window?.rows ?? 0);
  const since = window?.since ? ` since ${new Date(window.since).toLocaleTimeString()}` : '';
  const compared = `${rows === '1' ? 'One row' : `The last ${rows} rows`}${since}, against ${formatWhole(trainingRows ?? 0)} of training`;
  return status === 'few-rows'
    ? `${compared}: too few to say anything.`
    : `${compared}. An index (PSI) below 0.1 is stable, above 0.2 much has moved.`;
}

function tableOf(series: readonly SeriesReport[]): HTMLElement {
  const sorted = [...series].sort((a, b) => (b.psi ?? -1) - (a.psi ?? -1));
  return create(
    'table',
    { class: 'values drift' },
    create('caption', { class: 'hidden' }, 'Drift of features and answers'),
    create(
      'thead',
      {},
      create(
        'tr',
        {},
        ...heads.map((text) =>
          text === ''
            ? create('td')
            : create('th', { scope: 'col', class: numbers.has(text) ? 'number' : '' }, text),
        ),
      ),
    ),
    create('tbody', {}, ...sorted.map(rowOf)),
  );
}

function rowOf({ name, psi, level, missing, unseen, bins }: SeriesReport): HTMLElement {
  const fill = create('div', { class: `fill ${level ?? ''}` });
  fill.style.width = `${Math.min(1, (psi ?? 0) / widest) * 100}%`;
  return create(
    'tr',
    {},
    create('th', { scope: 'row' }, name),
    create('td', {}, histogramOf(bins.reference, bins.window)),
    create('td', { class: 'number' }, psi === null ? '–' : psi.toFixed(3)),
    create('td', { class: 'track' }, create('div', { class: 'bar', 'aria-hidden': 'true' }, fill)),
    create(
      'td',
      {},
      create('span', { class: `state ${level ?? ''}` }, level ? words[level] : 'few rows'),
    ),
    create('td', { class: 'number' }, shareOf(missing.window)),
    create('td', { class: 'number' }, shareOf(unseen)),
  );
}

const shareOf = (share: number | null): string => (share === null ? '–' : formatPercent(share));

const namespace = 'http://www.w3.org/2000/svg';
const [width, height] = [96, 26];

/** Bars of what comes now, before those of the training rows. Figures stand beside it, so that it need not be read aloud. */
function histogramOf(reference: readonly number[], window: readonly number[] | null): Node {
  const svg = document.createElementNS(namespace, 'svg');
  const attributes = { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, String(value));
  const most = Math.max(...reference, ...(window ?? []), Number.MIN_VALUE);
  const step = width / reference.length;
  const draw = (shares: readonly number[], kind: string, inset: number) =>
    shares.forEach((share, i) => {
      const rect = document.createElementNS(namespace, 'rect');
      const size = (share / most) * height;
      const place = {
        x: i * step + inset,
        y: height - size,
        width: Math.max(0.5, step - 2 * inset),
        height: size,
      };
      for (const [name, value] of Object.entries(place)) rect.setAttribute(name, value.toFixed(2));
      rect.setAttribute('class', kind);
      svg.append(rect);
    });
  draw(reference, 'then', step * 0.05);
  if (window !== null) draw(window, 'now', step * 0.3);
  return svg;
}
