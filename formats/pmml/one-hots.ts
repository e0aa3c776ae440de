import type { Node } from '../../src/ir/index.js';
import { type Column, groupOf } from './column.js';
import { encoderOf } from './encoder.js';
import { fieldOf } from './expressions.js';
import type { Category, Field } from './field.js';
import type { Lowering } from './lowering.js';
import { categoryIn } from './numeric.js';
import { all, childrenOf, refuseAt, textOf } from './reading.js';
import type { Scope } from './scope.js';
import type { Element } from './xml.js';

/** Finds for categorical predictors the columns that are 1 where a field has a value: those of a field are made at once. */
export function oneHots(
  lowering: Lowering,
  scope: Scope,
  tables: readonly Element[],
): (predictor: Element) => Column {
  const found = new Map<Field, Set<Category>>();
  const fieldAt = (predictor: Element) =>
    fieldOf(lowering, scope, predictor, textOf(lowering, predictor, 'name'));
  const valueAt = (predictor: Element, field: Field) =>
    categoryIn(lowering, predictor, field, textOf(lowering, predictor, 'value'));
  const predictors = tables.flatMap((table) => childrenOf(table, 'CategoricalPredictor'));
  all(lowering, predictors, (predictor) => {
    const field = fieldAt(predictor);
    if (!field.categories) return refuseAt(lowering, predictor, 'of numbers it is not supported');
    const values = found.get(field) ?? new Set();
    found.set(field, values.add(valueAt(predictor, field)));
  });
  const columns = new Map<Field, Map<Category, Column>>();
  for (const [field, values] of found) {
    const list = [...values];
    const width = list.length;
    lowering.memory.spend(8 * width * (width + (field.categories!.values?.length ?? 0)));
    const places = new Map(list.map((value, i) => [value, i]));
    const row = (category: Category | null) => {
      const cells = new Array<number>(width).fill(0);
      const place = category === null ? undefined : places.get(category);
      if (place !== undefined) cells[place] = 1;
      return cells;
    };
    const make = (): Node => ({
      kind: 'encode',
      features: 1,
      nonFinite: 'any',
      type: 'float64',
      sparse: false,
      columns: [encoderOf(field, list, row, row(null), row(null)).column],
    });
    const facts = {
      columns: () => [field.column],
      make,
      answers: false,
      width,
      cost: 8 * width * width,
    };
    const own = groupOf(lowering, facts, 'double');
    columns.set(field, new Map(list.map((value, i) => [value, own[i]!])));
  }
  return (predictor) => {
    const field = fieldAt(predictor);
    return columns.get(field)!.get(valueAt(predictor, field))!;
  };
}
