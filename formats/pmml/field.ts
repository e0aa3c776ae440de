import { quote } from '../../src/errors.js';
import type { CellType, Column } from './column.js';
import { parseNumber, type Reading, refuseAt } from './reading.js';
import type { Element } from './xml.js';

/** What a name stands for in a model. */
export interface Field {
  readonly column: Column;
  /** Of categories alone, which are compared and not calculated with; null of a number. */
  readonly categories: Categories | null;
}

/** A value of a field of categories. */
export type Category = string | number;

export interface Categories {
  /** The values that are known beforehand; null where there is no list. */
  readonly values: readonly Category[] | null;
  /** What becomes of others: an error, a value like no other, or a missing one. */
  readonly other: 'refused' | 'kept' | 'missing';
  /** What missing values are replaced by. */
  readonly replacement: Category | null;
  /** Whether the column's cells are positions in `values` instead of values. */
  readonly coded: boolean;
}

export const cellTypes = ['double', 'float', 'integer', 'boolean', 'string'] as const;
export const opTypes = ['continuous', 'categorical', 'ordinal'] as const;

/** A value of a field of a type, as text in a file says it. */
export function categoryOf(
  reading: Reading,
  element: Element,
  type: CellType,
  text: string,
): Category {
  if (type === 'string') return text;
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false')
      refuseAt(reading, element, `${quote(text)} is neither true nor false`);
    return Number(text === 'true');
  }
  return numberIn(type, parseNumber(reading, element, text));
}

/** A number as a field of a type has it. */
export const numberIn = (type: CellType, value: number): number =>
  type === 'float' ? Math.fround(value) : value;

/** Rounds a person's float64 numbers to float32. */
export const toFloat = {
  kind: 'calculate',
  operation: 'positive',
  operand: null,
  type: 'float32',
} as const;
