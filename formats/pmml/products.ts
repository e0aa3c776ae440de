import type { Head, Node } from '../../src/ir/index.js';
import { type Column, calculated, groupOf } from './column.js';
import type { Lowering } from './lowering.js';

/** Sums, differences and products of two columns, each rounded once. */
export function combined(
  lowering: Lowering,
  operation: 'add' | 'subtract' | 'multiply',
  a: Column,
  b: Column,
): Column {
  const columns = [a, b].map((column) =>
    column.type === 'float' ? calculated(column, 'positive', null, 'double') : column,
  );
  const make = ([first, second]: readonly number[], features: number): Node => {
    if (operation === 'multiply') {
      const factors = Uint32Array.of(first!, second!).sort();
      return {
        kind: 'polynomial',
        features,
        nonFinite: 'any',
        starts: Uint32Array.of(0, 2),
        factors,
      };
    }
    const coefficients = new Float64Array(features);
    coefficients[first!]! += 1;
    coefficients[second!]! += operation === 'add' ? 1 : -1;
    return product(features, coefficients, Float64Array.of(0), null);
  };
  const facts = { columns: () => columns, make, answers: false, width: 1, cost: 200 };
  return groupOf(lowering, facts, 'double', a.mayMiss || b.mayMiss)[0]!;
}

/** Products of columns. `refuses`: rows with missing cells have none. */
export const product = (
  features: number,
  coefficients: Float64Array,
  intercepts: Float64Array,
  head: Head | null,
  refuses = false,
): Node => ({
  kind: 'linear',
  features,
  outputs: intercepts.length,
  nonFinite: refuses ? 'refuse' : 'any',
  coefficients,
  intercepts,
  deviation: null,
  head,
});
