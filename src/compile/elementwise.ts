import type {
  Arithmetic,
  ArithmeticName,
  Bin,
  Elementwise,
  FunctionName,
  Operation,
} from '../ir/index.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';
import { expm1, log1p } from '../math/near-one.js';
import { floatsOf } from './buffer.js';
import { checkFinite } from './finite.js';
import type { CompileTransform } from './transformer.js';

export const compileElementwise: CompileTransform<Elementwise> = (node, out) => {
  const operations = node.operations.map(compileOperation);
  return (x) => {
    const type = floatsOf(x);
    let value = x;
    for (const operation of operations) {
      out.map(value, type, operation(type === 'float32'));
      value = out;
    }
    return value;
  };
};

/** What an operation makes of a number in a column. A result is rounded once, when it is stored. */
type Change = (value: number, col: number) => number;

function compileOperation(operation: Operation): (single: boolean) => Change {
  if (!('operands' in operation)) {
    const evaluate = functions[operation.operation];
    return () => evaluate;
  }
  const { operands, rounded } = operation as Arithmetic;
  const calculate = arithmetic[operation.operation];
  const change = (values: Float64Array | Float32Array): Change => {
    return (value, col) => calculate(value, values[col]!);
  };
  const double = change(operands);
  const single = rounded ? change(Float32Array.from(operands)) : double;
  return (isSingle) => (isSingle ? single : double);
}

/** NaN stays NaN, as with numpy's functions of these names. */
const arithmetic: { readonly [A in ArithmeticName]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  minimum: (a, b) => (a > b ? b : a),
  maximum: (a, b) => (a < b ? b : a),
  greater: (a, b) => Number(a > b),
};

const functions: { readonly [F in FunctionName]: (x: number) => number } = {
  absolute: Math.abs,
  negative: (x) => -x,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  // numpy gives 0 for −0.
  sign: (x) => Math.sign(x) + 0,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  rint(x) {
    // To even; the sign of zero is kept.
    const floor = Math.floor(x);
    const rest = x - floor;
    const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
    return up ? -(-1 - floor) : floor;
  },
  exp,
  expm1,
  log,
  log1p,
};

export const compileBin: CompileTransform<Bin> =
  ({ type, starts, edges }, out) =>
  (x) => {
    const stored = type ?? floatsOf(x);
    let numbers = x;
    if (stored === 'float32') {
      out.map(x, stored, (value) => value);
      checkFinite('refuse', out);
      numbers = out;
    }
    out.map(numbers, stored, (number, col) => {
      let low = starts[col]!;
      for (let high = starts[col + 1]!; low < high; ) {
        const middle = (low + high) >>> 1;
        if (edges[middle]! <= number) low = middle + 1;
        else high = middle;
      }
      return low - starts[col]!;
    });
    return out;
  };
