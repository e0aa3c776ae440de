import type { Node, Operation } from '../../src/ir/index.js';
import { type Columns, elementwise, followed, product } from './columns.js';

const constant = (
  operation: 'add' | 'multiply' | 'maximum' | 'minimum',
  value: number,
): Operation => ({
  operation,
  operands: Float64Array.of(value),
  rounded: true,
});

/** v = 1/(1 + exp(−|s|)), of s that is not above 0. */
const ofNegative: readonly Operation[] = [
  { operation: 'exp' },
  constant('add', 1),
  { operation: 'reciprocal' },
];

/**
 * The logistic function of −s and of s as onnxruntime's trees find it: v where s is not below 0, else 1 − v. Both are found, the one of s
 * without what is below 0 and the other of s without what is above; of each row one is 1/2, which is taken off again. All sums are
 * exact but those within v: v is at least 1/2, so 1 − v is, and all are multiples of 2⁻²⁴.
 */
export function logisticPair(scores: Columns): Columns {
  const above = [constant('maximum', 0), { operation: 'negative' as const }, ...ofNegative];
  const below = [
    constant('minimum', 0),
    ...ofNegative,
    constant('multiply', -1),
    // 1 − v, less 1/2
    constant('add', 1),
    constant('add', -0.5),
  ];
  const part = (operations: readonly Operation[]) => ({
    columns: null,
    node: elementwise(1, operations, 'float32'),
  });
  const union: Node = {
    kind: 'union',
    features: 1,
    parts: [part(above), part(below)],
    sparse: false,
  };
  const halves = followed(scores, union, 2);
  const pair = product(halves, Float32Array.of(-1, -1, 1, 1), Float32Array.of(1, 0));
  return { ...pair, range: 'unit' };
}
