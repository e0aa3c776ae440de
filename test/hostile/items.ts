import type { GoldenItems, ItemForm } from '../../src/ir/index.js';
import type { Random } from './random.js';

/** What a record may be given, beside strings and numbers. */
const others = [null, true, 0, -0, [], ['a', 'a'], ['__proto__', '']] as const;

/** A cell of a few items, whose names and strings are drawn by `string`. */
export function drawItems(
  random: Random,
  form: ItemForm,
  string: () => string | null,
  number: () => number,
): unknown {
  const name = () => string() ?? 'x';
  const count = random.below(6);
  const draw = <T>(one: () => T): T[] => Array.from({ length: count }, one);
  if (form === 'list') {
    const names = random.next() < 0.5;
    return draw(() => (names ? name() : number()));
  }
  const given = () => random.pick([name, number, number, () => random.pick(others)])();
  const pairs = draw(() => [name(), given()] as const);
  return form === 'pairs' ? pairs : Object.fromEntries(pairs);
}

/** Items of cells as a reader sees them: name and what it is given. */
export function itemsIn(form: ItemForm, cell: unknown): (readonly [string | number, unknown])[] {
  if (form === 'record') return Object.entries(cell as object);
  return form === 'pairs'
    ? (cell as [string, unknown][])
    : (cell as (string | number)[]).map((name) => [name, 1] as const);
}

/** Cells of items as a golden set holds them. */
export function goldenItems(form: ItemForm, cells: readonly unknown[]): GoldenItems {
  const rows = cells.map((cell) => itemsIn(form, cell));
  const starts = [0];
  for (const row of rows) starts.push(starts[starts.length - 1]! + row.length);
  const items = rows.flat();
  const names = items.map(([name]) => name);
  const isList = form === 'list';
  const isText = (value: unknown): value is string | string[] =>
    typeof value === 'string' || Array.isArray(value);
  return {
    form,
    starts: Uint32Array.from(starts),
    names: names.every((name) => typeof name === 'number')
      ? Float64Array.from(names)
      : names.map(String),
    numbers: isList
      ? null
      : Float64Array.from(items, ([, value]) =>
          value === null || isText(value) ? Number.NaN : Number(value),
        ),
    strings: isList ? null : items.map(([, value]) => (isText(value) ? value : null)),
  };
}
