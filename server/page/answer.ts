import type { PageModel } from '../src/page/reports.js';
import { create } from './elements.js';
import { formatNumber, formatPercent, formatValue } from './numbers.js';

/** What `POST /predict` answers. */
export interface Predicted {
  readonly prediction: readonly unknown[];
  readonly probabilities?: readonly unknown[];
}

const mostRows = 100;
const mostBars = 12;
const mostValues = 200;

/** One row in full; of several, a table. */
export function showAnswer(
  { prediction, probabilities }: Predicted,
  model: PageModel,
  method: string,
): Node[] {
  if (prediction.length === 1) return showRow(prediction[0], probabilities?.[0], model, method);
  return [showRows(prediction, probabilities, model)];
}

function showRow(value: unknown, probabilities: unknown, model: PageModel, method: string): Node[] {
  const { classes, task } = model;
  const areClasses = method.startsWith('predict_') && method.includes('proba');
  const isPrediction = method === 'predict';
  if (isPrediction && classes !== null && classes.length > 1)
    return classes.flatMap((own, output) =>
      showOutput(
        `Output ${output}`,
        (value as readonly unknown[])[output],
        sharesOf(probabilities, own, output),
        own,
      ),
    );
  if (isPrediction && classes !== null)
    return showOutput(null, value, sharesOf([probabilities], classes[0]!, 0), classes[0]!);
  if (!Array.isArray(value)) return showOutput(null, value, null, []);
  if (isPrediction && task === 'regressor' && value.length <= 4)
    return value.flatMap((one, output) => showOutput(`Output ${output}`, one, null, []));
  return [showValues(value, areClasses && classes?.length === 1 ? classes[0]! : null)];
}

/** Of one output a share for each class; one alone is that of a label that is there or not. */
function sharesOf(
  probabilities: unknown,
  classes: readonly unknown[],
  output: number,
): readonly number[] | null {
  const own = Array.isArray(probabilities) ? probabilities[output] : null;
  if (Array.isArray(own)) return own as readonly number[];
  return typeof own === 'number' && classes.length === 2 ? [1 - own, own] : null;
}

function showOutput(
  title: string | null,
  value: unknown,
  shares: readonly number[] | null,
  classes: readonly unknown[],
): Node[] {
  const exact = typeof value === 'number' ? String(value) : null;
  const shown = typeof value === 'number' ? formatNumber(value) : formatValue(value);
  const isRounded = exact !== null && exact !== shown.replaceAll(',', '').replace('−', '-');
  return [
    ...(title === null ? [] : [create('h3', {}, title)]),
    create('p', { class: 'value', 'data-exact': JSON.stringify(value) }, shown),
    ...(isRounded ? [create('p', { class: 'exact muted small' }, exact)] : []),
    ...(shares === null ? [] : [showShares(shares, classes, value)]),
  ];
}

/** Few classes in their order, of many the likeliest. */
function showShares(
  shares: readonly number[],
  classes: readonly unknown[],
  value: unknown,
): HTMLElement {
  const all = shares.map((share, i) => ({ share, label: classes[i] }));
  const isLong = all.length > mostBars;
  const shown = isLong ? [...all].sort((a, b) => b.share - a.share).slice(0, mostBars) : all;
  const rows = shown.map(({ share, label }) => {
    const fill = create('div', { class: 'fill' });
    fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
    const isChosen = label === value;
    return create(
      'tr',
      { class: isChosen ? 'chosen' : '', 'data-share': String(share) },
      create('th', { scope: 'row' }, formatValue(label)),
      create(
        'td',
        { class: 'track' },
        create('div', { class: 'bar', 'aria-hidden': 'true' }, fill),
      ),
      create('td', { class: 'number' }, formatPercent(share)),
    );
  });
  const title = isLong ? `The likeliest ${mostBars} of ${all.length} classes` : 'Probabilities';
  return create(
    'table',
    { class: 'shares' },
    create('caption', { class: isLong ? 'small muted' : 'hidden' }, title),
    create(
      'thead',
      { class: 'hidden' },
      create(
        'tr',
        {},
        ...['Class', 'Bar', 'Probability'].map((text) => create('th', { scope: 'col' }, text)),
      ),
    ),
    create('tbody', {}, ...rows),
  );
}

/** Values of one row, such as a transformer's, by their places. */
function showValues(values: readonly unknown[], names: readonly unknown[] | null): HTMLElement {
  const rows = values
    .slice(0, mostValues)
    .map((value, i) =>
      create(
        'tr',
        {},
        create('th', { scope: 'row' }, names === null ? String(i) : formatValue(names[i])),
        create('td', { class: 'number', 'data-exact': JSON.stringify(value) }, formatValue(value)),
      ),
    );
  const more = values.length - rows.length;
  const caption = more > 0 ? `The first ${rows.length} of ${values.length} values` : 'Values';
  return tableOf(caption, [names === null ? 'Place' : 'Class', 'Value'], rows);
}

function showRows(
  prediction: readonly unknown[],
  probabilities: readonly unknown[] | undefined,
  { classes }: PageModel,
): HTMLElement {
  const hasShares = probabilities !== undefined && classes?.length === 1;
  const rows = prediction.slice(0, mostRows).map((value, i) => {
    const own = hasShares ? (probabilities[i] as readonly number[]) : [];
    return create(
      'tr',
      {},
      create('th', { scope: 'row' }, String(i)),
      create('td', { 'data-exact': JSON.stringify(value) }, formatValue(value)),
      ...(hasShares ? [create('td', { class: 'number' }, formatPercent(Math.max(...own)))] : []),
    );
  });
  const more = prediction.length - rows.length;
  const caption = `${more > 0 ? `The first ${rows.length} of ` : ''}${prediction.length} rows`;
  return tableOf(caption, ['Row', 'Prediction', ...(hasShares ? ['Probability'] : [])], rows);
}

const tableOf = (
  caption: string,
  columns: readonly string[],
  rows: readonly HTMLTableRowElement[],
): HTMLElement =>
  create(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    create(
      'table',
      { class: 'values' },
      create('caption', { class: 'small muted' }, caption),
      create(
        'thead',
        {},
        create('tr', {}, ...columns.map((text) => create('th', { scope: 'col' }, text))),
      ),
      create('tbody', {}, ...rows),
    ),
  );
