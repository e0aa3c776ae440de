import type { EncodeColumn } from '../../src/ir/index.js';
import { type Column, stepped } from './column.js';
import type { Category, Field } from './field.js';

/** A field of categories as numbers, of which these are given: others have another, and missing ones one of their own. */
export function encoded(
  field: Field,
  numbers: ReadonlyMap<Category, number>,
  other: number,
  missing = Number.NaN,
): Column {
  const own = (category: Category) => [numbers.get(category) ?? other];
  const { column, gap } = encoderOf(field, [...numbers.keys()], own, [other], [missing]);
  const { values, other: rule, replacement, coded } = field.categories!;
  const mayMiss = coded ? field.column.mayMiss : replacement === null || rule === 'missing';
  const holes = mayMiss && Number.isNaN(gap[0]);
  const others = Number.isNaN(other) && (rule === 'kept' || values !== null);
  return stepped(field.column, { kind: 'encode', column }, 'double', holes || others);
}

/** What makes a row of numbers of each category of a field: of those named and of those that the field knows, of others, and of missing ones. */
export function encoderOf(
  { column, categories }: Field,
  named: readonly Category[],
  cellsOf: (category: Category) => readonly number[],
  other: readonly number[],
  missing: readonly number[],
): { readonly column: EncodeColumn; readonly gap: readonly number[] } {
  const { values, other: rule, replacement, coded } = categories!;
  // What the field has not, but takes, may be named all the same.
  const known = [...new Set([...(values ?? []), ...(coded || rule !== 'kept' ? [] : named)])];
  const isText = column.type === 'string';
  const gap = replacement === null ? missing : cellsOf(replacement);
  const rest = rule === 'refused' ? [] : [rule === 'missing' ? gap : other];
  return {
    gap,
    column: {
      strings: isText ? (known as string[]) : null,
      numbers: isText ? null : Float64Array.from(known, (one, i) => (coded ? i : (one as number))),
      missing: true,
      unknown: rule !== 'refused',
      width: other.length,
      values: Float64Array.from([...known.map(cellsOf), gap, ...rest].flat()),
      marks: null,
    },
  };
}
