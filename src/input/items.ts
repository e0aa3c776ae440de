import { describeValue, quote, refuse } from '../errors.js';
import type { ItemForm } from '../ir/index.js';
import { cellPath, type Value } from './dense.js';
import { isRow } from './rows.js';

/** What an item is given; null is nothing: a missing number. */
export type ItemValue = number | string | null | readonly string[];

/** An item in a list of pairs: its name, and what it is given. */
export type Pair = readonly [name: string, value: number | boolean | bigint | string];

/** Calls with the name of each item of a cell, and what it is given; throws `input-type` where the cell is none of this form. */
export function visitItems(
  form: ItemForm,
  cell: unknown,
  path: string,
  visit: (name: string | number, value: ItemValue) => void,
): void {
  const placeOf = (at: string | number) =>
    `${path}, ${typeof at === 'string' ? quote(at) : `item ${at}`}`;
  const fail = (place: string, expected: string, found: unknown): never =>
    refuse('input-type', place, `expected ${expected}, found ${describeValue(found)}`);
  const read = (value: unknown, at: string | number): ItemValue => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
    if (typeof value === 'number' || typeof value === 'string') return value;
    return Array.isArray(value) && value.every((one) => typeof one === 'string')
      ? value
      : fail(placeOf(at), 'a number, a string or a list of strings', value);
  };
  if (form === 'record') {
    // Maps, dates and their like have no names of their own.
    if (Object.prototype.toString.call(cell) !== '[object Object]') fail(path, 'a record', cell);
    const record = cell as Record<string, unknown>;
    for (const name of Object.keys(record)) visit(name, read(record[name], name));
    return;
  }
  if (!isRow(cell)) fail(path, 'a list', cell);
  const list = cell as ArrayLike<unknown>;
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (form === 'list') {
      const name = read(item, i);
      if (typeof name === 'string' || typeof name === 'number') visit(name, 1);
      else fail(placeOf(i), 'a name or a number', item);
    } else if (Array.isArray(item) && item.length === 2 && typeof item[0] === 'string')
      visit(item[0], read(item[1], i));
    else fail(placeOf(i), 'a pair of a name and what it is given', item);
  }
}

/** Where a cell of items is, for a message: that of a column without a name is its row. */
export const itemsPath = ({ firstRow = 0, names }: Value, row: number, col: number): string =>
  names?.[col] ? cellPath(firstRow + row, col, names) : `row ${firstRow + row}`;

/** A cell of items with nothing else in it: what a thread can be sent. */
export function copyItems(form: ItemForm, cell: unknown, path: string): object {
  const items: [string | number, ItemValue][] = [];
  visitItems(form, cell, path, (...item) => items.push(item));
  if (form === 'list') return items.map(([name]) => name);
  return form === 'pairs' ? items : Object.fromEntries(items);
}
