import type { Fields } from './fields.js';
import { type NonFinitePolicy, nonFinitePolicies } from './value.js';

/** Changes every cell by itself, one operation after another: scalers, thresholds, numpy's functions. */
export interface Elementwise {
  readonly kind: 'elementwise';
  /** Columns of the input and of the output. */
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  readonly operations: readonly Operation[];
}

export type Operation = Arithmetic | { readonly operation: FunctionName };

/** An operation with an operand for each column. */
export interface Arithmetic {
  readonly operation: ArithmeticName;
  /** [features]. */
  readonly operands: Float64Array;
  /** Whether operands are rounded to float32 before they meet float32 cells; else only the result is. */
  readonly rounded: boolean;
}

/** `greater` gives 1 where the cell is above its operand, else 0. */
export const arithmeticNames = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'minimum',
  'maximum',
  'greater',
] as const;
export type ArithmeticName = (typeof arithmeticNames)[number];

/** numpy's functions of one number, by numpy's names. */
export const functionNames = [
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
  'expm1',
  'log',
  'log1p',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Whether each operation, in every column, makes 0 of 0: so must those on compressed rows, whose other cells are 0. */
export function keepsZero({ operations }: Elementwise): boolean {
  return operations.every((one) =>
    'operands' in one
      ? one.operands.every(zeroOperands[one.operation])
      : !['reciprocal', 'exp', 'log'].includes(one.operation),
  );
}

const zeroOperands: { readonly [A in ArithmeticName]: (operand: number) => boolean } = {
  add: (operand) => operand === 0,
  subtract: (operand) => operand === 0,
  multiply: (operand) => operand * 0 === 0,
  divide: (operand) => 0 / operand === 0,
  minimum: (operand) => !(operand < 0),
  maximum: (operand) => !(operand > 0),
  greater: (operand) => !(operand < 0),
};

export function validateElementwise(f: Fields): Elementwise {
  const features = f.integer('features', 1, f.limits.features);
  return {
    kind: 'elementwise',
    features,
    nonFinite: f.oneOf('nonFinite', nonFinitePolicies),
    operations: f.maps('operations').map((one) => {
      const operation = one.oneOf('operation', [...arithmeticNames, ...functionNames]);
      return (functionNames as readonly string[]).includes(operation)
        ? { operation: operation as FunctionName }
        : {
            operation: operation as ArithmeticName,
            operands: one.array('operands', ['float64'], features),
            rounded: one.flag('rounded'),
          };
    }),
  };
}
