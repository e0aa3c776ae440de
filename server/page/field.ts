import type { PageFeature } from '../src/page/reports.js';
import { create } from './elements.js';
import { formatNumber } from './numbers.js';

/** A cell that cannot be read, before anybody is asked. */
export class CellError extends Error {}

/** A feature of the form. */
export interface Field {
  readonly element: HTMLElement;
  /** The cell as JSON; null is missing. @throws CellError */
  read(): unknown;
  write(cell: unknown): void;
  /** Says what is wrong with it, or that nothing is any more. */
  complain(message: string | null): void;
  focus(): void;
}

/** What takes a value: an element, and how its text is a cell. */
interface Control {
  readonly element: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
  /** Shown beside it. */
  readonly beside?: HTMLElement;
  read(): unknown;
  write(cell: unknown): void;
}

export const nameOf = ({ name }: PageFeature, column: number): string =>
  name === null || name === '' ? `Column ${column}` : name;

/**
 * @param examples of this column, which say how fine its numbers are
 * @param saysGaps whether it says of itself that it may be missing
 */
export function createField(
  feature: PageFeature,
  column: number,
  examples: readonly unknown[],
  saysGaps: boolean,
): Field {
  const id = `field-${column}`;
  const control = controlOf(feature, examples);
  const { element, beside } = control;
  const hint = create('p', { class: 'hint', id: `${id}-hint` }, hintOf(feature, saysGaps));
  const complaint = create('p', { class: 'complaint', id: `${id}-complaint` });
  element.id = id;
  element.setAttribute('aria-describedby', `${id}-complaint ${id}-hint`);
  const label = create('label', { for: id }, nameOf(feature, column));
  const field = create('div', { class: 'field' }, label, element, complaint, hint);
  if (beside !== undefined) element.after(beside);
  if (element instanceof HTMLTextAreaElement) field.classList.add('wide');
  return {
    element: field,
    read: control.read,
    write: control.write,
    complain: (message) => {
      complaint.textContent = message;
      if (message === null) element.removeAttribute('aria-invalid');
      else element.setAttribute('aria-invalid', 'true');
    },
    focus: () => element.focus(),
  };
}

function hintOf({ type, gaps, range, values, closed }: PageFeature, saysGaps: boolean): string {
  const said: string[] = [];
  if (range !== null)
    said.push(`${formatNumber(range[0])} to ${formatNumber(range[1])} in training`);
  if (values !== null && !closed) said.push('or another value');
  if (type === 'record') said.push('JSON: {"name": value}');
  if (type === 'pairs') said.push('JSON: [["name", value]]');
  if (type === 'list') said.push('JSON: ["name", "name"]');
  if (gaps && saysGaps) said.push('may be missing');
  return said.join(' · ');
}

function controlOf(feature: PageFeature, examples: readonly unknown[]): Control {
  const { type, values } = feature;
  if (type === 'boolean')
    return choiceOf({ ...feature, values: null, closed: true }, [true, false]);
  if (values !== null && values.length > 0) return choiceOf(feature, values);
  if (type === 'number') return numberOf(feature, examples);
  return type === 'string' ? textOf(feature, examples) : itemsOf();
}

const other = 'other';

/** One of known values; of another, where those are taken, its text. */
function choiceOf({ gaps, closed, type }: PageFeature, values: readonly unknown[]): Control {
  const element = create('select');
  const options = [
    ...(gaps ? [['', 'missing']] : []),
    ...values.map((value, i) => [String(i), String(value)]),
    ...(closed ? [] : [[other, 'another value …']]),
  ];
  element.append(...options.map(([value, text]) => create('option', { value: value! }, text!)));
  const beside = create('input', {
    'aria-label': 'Another value',
    type: type === 'number' ? 'number' : 'text',
    step: 'any',
    hidden: true,
  });
  const show = () => {
    beside.hidden = element.value !== other;
  };
  element.onchange = show;
  return {
    element,
    beside,
    read: () => {
      if (element.value === '') return null;
      if (element.value !== other) return values[Number(element.value)];
      return type === 'number' ? readNumber(beside) : beside.value;
    },
    write: (cell) => {
      const at = values.indexOf(cell);
      const isOther = at === -1 && cell !== null && !closed;
      if (isOther) beside.value = String(cell);
      if (isOther) element.value = other;
      else if (at !== -1) element.value = String(at);
      else if (gaps) element.value = '';
      else element.selectedIndex = 0;
      show();
    },
  };
}

function numberOf({ gaps }: PageFeature, examples: readonly unknown[]): Control {
  const element = create('input', {
    type: 'number',
    inputmode: 'decimal',
    step: stepOf(examples),
    autocomplete: 'off',
    placeholder: gaps ? 'missing' : '',
  });
  return { element, read: () => readNumber(element), write: (cell) => writeText(element, cell) };
}

function readNumber(input: HTMLInputElement): number | null {
  if (input.validity.badInput) throw new CellError('expected a number');
  return input.value === '' ? null : Number(input.value);
}

/** As fine as the numbers that are there, and no finer than a millionth. */
function stepOf(examples: readonly unknown[]): string {
  const numbers = examples.filter((cell) => typeof cell === 'number');
  const digits = numbers.map((number) => /\.(\d+)$/.exec(String(number))?.[1]?.length ?? 0);
  const most = Math.min(6, Math.max(0, ...digits));
  if (numbers.length === 0) return 'any';
  return most === 0 ? '1' : `0.${'0'.repeat(most - 1)}1`;
}

/** A document is longer than what a line shows. */
function textOf({ gaps, name }: PageFeature, examples: readonly unknown[]): Control {
  const isLong =
    name === null || examples.some((cell) => typeof cell === 'string' && cell.length > 30);
  const element = isLong
    ? create('textarea', { rows: '5' })
    : create('input', { type: 'text', autocomplete: 'off', placeholder: gaps ? 'missing' : '' });
  return {
    element,
    read: () => (element.value === '' && gaps ? null : element.value),
    write: (cell) => writeText(element, cell),
  };
}

function itemsOf(): Control {
  const element = create('textarea', { rows: '4', spellcheck: 'false' });
  return {
    element,
    read: () => {
      try {
        return JSON.parse(element.value);
      } catch (error) {
        throw new CellError(`this is not JSON: ${(error as Error).message}`);
      }
    },
    write: (cell) => {
      element.value = JSON.stringify(cell);
    },
  };
}

function writeText(element: HTMLInputElement | HTMLTextAreaElement, cell: unknown): void {
  element.value = cell === null || cell === undefined ? '' : String(cell);
}
