import type { PageModel } from '../src/page/reports.js';
import { byId, create } from './elements.js';
import { CellError, createField, type Field } from './field.js';
import { PasteError, readPasted } from './pasted.js';

/** Wider models are pasted, unless somebody opens the form. */
const mostShown = 40;
const longestExample = 20_000;

/** What somebody filled in cannot be sent; the form says where. */
export class FormError extends Error {}

/** The form of one model: its features, or rows that were pasted. */
export interface RequestForm {
  /** As a request has them. @throws FormError */
  features(): unknown;
  /** Fills another example in. */
  fillIn(): void;
  /** Says what is wrong in the field that it is about. @returns whether there is one */
  complain(path: string, message: string): boolean;
  clearComplaints(): void;
}

export function createForm(model: PageModel): RequestForm {
  const { features, examples, columns, form } = model;
  const shown = features.flatMap((feature, i) => (feature.type === 'unused' ? [] : [i]));
  const isWide = columns > mostShown;
  const mayAllMiss = shown.length > 1 && shown.every((i) => features[i]!.gaps);
  const fields = new Map<number, Field>();
  for (const i of shown)
    fields.set(
      i,
      createField(
        features[i]!,
        i,
        examples.map((row) => row[i]),
        !mayAllMiss,
      ),
    );
  const list = create(
    'div',
    { class: 'grid' },
    ...[...fields.values()].map(({ element }) => element),
  );
  const place = byId('fields');
  const unused = features
    .filter(({ type }) => type === 'unused')
    .map(({ name }) => name ?? 'a column');
  const notes = [
    ...(mayAllMiss ? ['Any of them may be missing.'] : []),
    ...(unused.length > 0 ? [`Not looked at: ${unused.join(', ')}.`] : []),
  ];
  const note = notes.length === 0 ? [] : [create('p', { class: 'muted small' }, notes.join(' '))];
  const fold = create('details', {}, create('summary', {}, `All ${columns} columns`), list);
  if (columns > features.length)
    place.replaceChildren(create('p', { class: 'muted' }, `${columns} columns: paste rows.`));
  else place.replaceChildren(...(isWide ? [fold] : [list]), ...note);

  const paste = byId<HTMLDetailsElement>('paste');
  const pasted = byId<HTMLTextAreaElement>('pasted');
  pasted.value = '';
  paste.open = isWide;
  byId('pasted-hint').textContent =
    form === 'cells'
      ? 'A list of JSON, or a line each.'
      : 'Rows, records, or lines with the names of columns or without. Goes before the form.';

  const byName = features.every(({ name }) => name !== null);
  const requestOf = (cells: readonly unknown[]): unknown => {
    if (form === 'cells') return [cells[0]];
    if (!byName) return [cells];
    return [Object.fromEntries(shown.map((i) => [features[i]!.name!, cells[i]]))];
  };
  let next = 0;

  const readFields = (): unknown => {
    const cells = features.map((): unknown => null);
    let first: Field | null = null;
    for (const [i, field] of fields) {
      try {
        cells[i] = field.read();
      } catch (error) {
        if (!(error instanceof CellError)) throw error;
        field.complain(error.message);
        first ??= field;
      }
    }
    if (first === null) return requestOf(cells);
    first.focus();
    throw new FormError('see the fields that are marked');
  };

  return {
    features: () => {
      if (pasted.value.trim() === '' || !paste.open) return readFields();
      try {
        return readPasted(pasted.value, model);
      } catch (error) {
        if (!(error instanceof PasteError)) throw error;
        pasted.focus();
        throw new FormError(error.message);
      }
    },
    fillIn: () => {
      const row = examples[next++ % examples.length]!;
      for (const [i, field] of fields) field.write(row[i]);
      const text = JSON.stringify(requestOf(row));
      if (paste.open && (isWide || pasted.value !== ''))
        pasted.value = text.length <= longestExample ? text : '';
    },
    complain: (path, message) => {
      const place = /^row \d+, column (.+)$/.exec(path)?.[1];
      const column = place === undefined ? -1 : columnOf(place, model);
      const field = fields.get(column);
      const isPasted = paste.open && pasted.value.trim() !== '';
      if (field === undefined || isPasted) return false;
      field.complain(message);
      field.focus();
      return true;
    },
    clearComplaints: () => {
      for (const field of fields.values()) field.complain(null);
    },
  };
}

/** A column as the server names it: by its name in quotes, or its number. */
function columnOf(place: string, { features }: PageModel): number {
  if (!place.startsWith('"')) return Number(place);
  const name: unknown = JSON.parse(place);
  return features.findIndex((feature) => feature.name === name);
}
