import { type CellType, type Column, calculated, stepped } from './column.js';
import { encoded } from './encoder.js';
import { type Category, type Field, numberIn, toFloat } from './field.js';
import type { Lowering } from './lowering.js';
import { parseNumber, refuseAt } from './reading.js';
import type { Element } from './xml.js';

/** A column as numbers of another type. */
export function castTo(
  lowering: Lowering,
  element: Element,
  column: Column,
  type: CellType,
): Column {
  if (type === column.type) return column;
  if (type === 'float') return stepped(column, toFloat, 'float');
  if (column.type === 'float' && type === 'double')
    return calculated(column, 'positive', null, type);
  const isWhole = column.type === 'integer' || column.type === 'boolean';
  if (type !== 'double' && !(type === 'integer' && isWhole))
    refuseAt(lowering, element, `${column.type} made ${type} is not supported`);
  return { ...column, type };
}

/** A field as numbers. */
export function numericOf(lowering: Lowering, element: Element, field: Field): Column {
  const { column, categories } = field;
  if (!categories) return column;
  const { values } = categories;
  const isText = (value: Category) => typeof value === 'string';
  if (column.type === 'string' || values?.some(isText))
    return refuseAt(lowering, element, 'strings are no numbers');
  if (values === null && categories.replacement === null) return column;
  if (values === null || categories.other === 'kept') {
    const { replacement } = categories;
    if (replacement === null) return column;
    return { ...calculated(column, 'fill', replacement as number), mayMiss: false };
  }
  const numbers = new Map(values.map((value) => [value, value as number]));
  return encoded(field, numbers, Number.NaN);
}

/** What a text says of a field's values. */
export function categoryIn(
  lowering: Lowering,
  element: Element,
  { column, categories }: Field,
  text: string,
): Category {
  const isText = categories?.coded
    ? typeof categories.values![0] === 'string'
    : column.type === 'string';
  if (isText) return text;
  if (column.type === 'boolean' && /^(true|false)$/.test(text)) return Number(text === 'true');
  return numberIn(column.type, parseNumber(lowering, element, text));
}
