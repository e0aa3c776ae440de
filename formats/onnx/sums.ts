import type { Node } from '../../src/ir/index.js';
import { type Columns, followed } from './columns.js';

/**
 * Sums of groups of columns, each rounded once: products with 1 and −1 are exact. Every group is a part of its own, so that what is not finite
 * in one is not multiplied by 0 in another.
 */
export function sums(
  of: Columns,
  groups: readonly Uint32Array[],
  coefficients: Float32Array,
): Columns {
  const node: Node = {
    kind: 'linear',
    features: coefficients.length,
    outputs: 1,
    nonFinite: 'any',
    coefficients,
    intercepts: new Float32Array(1),
    deviation: null,
    head: null,
  };
  const parts = groups.map((columns) => ({ columns, node }));
  const union: Node = { kind: 'union', features: of.width, parts, sparse: false };
  const [first] = groups as [Uint32Array];
  const isAll = groups.length === 1 && first.every((column, i) => column === i);
  const found = followed(of, isAll ? node : union, groups.length);
  const { range, predicts } = of;
  return {
    ...found,
    cost: found.cost + 600 * groups.length,
    ...(range && coefficients.every((one) => one > 0) && { range: 'positive' as const }),
    ...(predicts && { predicts }),
  };
}

/** Of each run of so many columns the product. */
export function products(of: Columns, length: number): Columns {
  const count = of.width / length;
  const node: Node = {
    kind: 'polynomial',
    features: of.width,
    nonFinite: 'any',
    starts: Uint32Array.from({ length: count + 1 }, (_, i) => i * length),
    factors: Uint32Array.from({ length: of.width }, (_, i) => i),
  };
  const { range } = of;
  return { ...followed(of, node, count), ...(range && { range: 'positive' }) };
}
