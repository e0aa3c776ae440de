import {
  expectAscending,
  type Fields,
  fail,
  flag,
  float64s,
  list,
  map,
  oneOf,
  optional,
  read,
  readAll,
  starts,
} from './fields.js';
import type { NodeRules } from './rules.js';
import { type NonFinitePolicy, type ResultType, resultTypes } from './value.js';

type Numbers = Float64Array | Float32Array | Uint8Array;

/** Changes every cell by itself, one operation after another: scalers, imputers, bins, numpy's functions. */
export interface Elementwise {
  readonly kind: 'elementwise';
  /** Columns of the input and of the output. */
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  /** What results are stored as; null: as arithmetic on the input is. */
  readonly type: ResultType | null;
  readonly operations: readonly Operation[];
}

export type Operation = Arithmetic | Bin | { readonly operation: FunctionName };

/** An operation with an operand for each column. */
export interface Arithmetic {
  readonly operation: ArithmeticName;
  /** [features]. */
  readonly operands: Float64Array;
  /** Whether operands are rounded to float32 before they meet float32 cells; else only the result is. */
  readonly rounded: boolean;
}

/**
 * `greater` gives 1 where the cell is above its operand, else 0; `void` gives NaN where it equals its operand; `fill` gives the operand where
 * it is NaN; `shrink` brings it nearer to 0 by its operand, which is not negative; `flush` gives 0 where it is no larger than that in size.
 */
export const arithmeticNames = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'minimum',
  'maximum',
  'greater',
  'void',
  'fill',
  'shrink',
  'flush',
] as const;
export type ArithmeticName = (typeof arithmeticNames)[number];

/**
 * Writes what an operation of arithmetic, by its place in `arithmeticNames`, makes of `count` cells of `a` from `at` on with as many operands, to the
 * same places of `out`, which may be `a`; and returns `out`. NaN stays NaN but for `greater`, `fill` and `shrink`.
 *
 * What scales has a loop for each operation: half the time of choosing anew for each cell.
 */
export function calculate(
  code: number,
  a: Numbers,
  operands: Numbers,
  out: Numbers,
  at = 0,
  count = operands.length,
): Numbers {
  let i = 0;
  switch (code) {
    case 0:
      for (; i < count; at++) out[at] = a[at]! + operands[i++]!;
      break;
    case 1:
      for (; i < count; at++) out[at] = a[at]! - operands[i++]!;
      break;
    case 2:
      for (; i < count; at++) out[at] = a[at]! * operands[i++]!;
      break;
    case 3:
      for (; i < count; at++) out[at] = a[at]! / operands[i++]!;
      break;
    default:
      for (; i < count; at++) out[at] = choose(code, a[at]!, operands[i++]!);
  }
  return out;
}

function choose(code: number, a: number, b: number): number {
  switch (code) {
    case 4:
      return a > b ? b : a;
    case 5:
      return a < b ? b : a;
    case 6:
      return a > b ? 1 : 0;
    case 7:
      return a === b ? Number.NaN : a;
    case 8:
      return Number.isNaN(a) ? b : a;
    case 9:
      return a > b ? a - b : a < -b ? a + b : 0;
    default:
      return Math.abs(a) <= b ? 0 : a;
  }
}

/** The number of the column's edges that are not above the cell. */
export interface Bin {
  readonly operation: 'bin';
  /** [features + 1]: where each column's edges begin. */
  readonly starts: Uint32Array;
  /** Ascending within a column. */
  readonly edges: Float64Array;
}

/**
 * numpy's functions of one number, by numpy's names; `expit`, the logistic function; and `sublinear`, 1 + log but 0 of 0, as
 * TfidfTransformer scales counts.
 */
export const functionNames = [
  'positive',
  'absolute',
  'negative',
  'square',
  'sqrt',
  'reciprocal',
  'sign',
  'floor',
  'ceil',
  'trunc',
  'rint',
  'exp',
  'exp2',
  'expm1',
  'log',
  'log1p',
  'sin',
  'cos',
  'tanh',
  'expit',
  'sublinear',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Whether each operation, in every column, makes 0 of 0: so must those on compressed rows, whose other cells are 0. */
const keepsZero = ({ operations }: Elementwise): boolean =>
  operations.every((one) =>
    'operands' in one
      ? calculate(
          arithmeticNames.indexOf(one.operation),
          one.operands.map(() => 0),
          one.operands,
          one.operands.map(() => 0),
        ).every((result) => result === 0)
      : !['reciprocal', 'exp', 'exp2', 'log', 'cos', 'expit', 'bin'].includes(one.operation),
  );

export const elementwiseRules: NodeRules<Elementwise> = {
  kind: 'elementwise',
  takes: (node) => (keepsZero(node) ? ['dense', 'sparse'] : ['dense']),
  validate(f, features) {
    const type = read(f, 'type', optional(oneOf(...resultTypes)));
    const readOperation = map((one): Operation => {
      const operation = read(one, 'operation', oneOf(...arithmeticNames, ...functionNames, 'bin'));
      if (operation === 'bin') return validateBin(one, features, type);
      if (type === 'uint8') fail(f, 'type', `${operation} gives other numbers`);
      return arithmeticNames.some((name) => name === operation)
        ? {
            operation: operation as ArithmeticName,
            ...readAll(one, { operands: float64s(features), rounded: flag }),
          }
        : { operation: operation as FunctionName };
    });
    return { type, operations: read(f, 'operations', list(readOperation)) };
  },
};

function validateBin(f: Fields, features: number, type: ResultType | null): Bin {
  const edges = read(f, 'edges', float64s());
  const runs = read(f, 'starts', starts(features, features, edges.length));
  if (type === 'uint8')
    for (let column = 0; column < features; column++)
      if (runs[column + 1]! - runs[column]! > 255)
        fail(f, `starts[${column}]`, 'too many edges for uint8');
  expectAscending(f, 'edges', edges, runs);
  return { operation: 'bin', starts: runs, edges };
}
