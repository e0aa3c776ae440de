import { type Numbers, startOf, type Value } from '../input/dense.js';
import {
  type Arithmetic,
  arithmeticNames,
  type Bin,
  type Elementwise,
  type FunctionName,
  type Operation,
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
    for (const operate of operations) {
      operate(value, out.shapeLike(value, type));
      value = out;
    }
    return value;
  };
};

/** Writes what becomes of each cell of `x`. A result is rounded once, when it is stored. */
type Operate = (x: Value, to: Numbers) => void;

function compileOperation(operation: Operation): Operate {
  if (!('operands' in operation)) {
    const evaluate = functions[operation.operation];
    return (x, to) => {
      const cells = startOf(x, x.rows);
      for (let i = 0; i < cells; i++) to[i] = evaluate(x.data[i]!);
    };
  }
  const { operands, rounded } = operation as Arithmetic;
  const code = arithmeticNames.indexOf((operation as Arithmetic).operation);
  const singles = rounded ? Float32Array.from(operands) : operands;
  return (x, to) => calculateAll(code, x, to, to instanceof Float32Array ? singles : operands);
}

/** One loop for all: a function called for each cell would box its numbers. */
function calculateAll(code: number, x: Value, to: Numbers, operands: Numbers): void {
  const { data, indices, cols } = x;
  const cells = startOf(x, x.rows);
  for (let i = 0, col = 0; i < cells; i++) {
    to[i] = calculate(code, data[i]!, operands[indices ? indices[i]! : col]!);
    if (++col === cols) col = 0;
  }
}

/** NaN stays NaN, as with numpy's functions of these names: `code` is the place in `arithmeticNames`. */
function calculate(code: number, a: number, b: number): number {
  switch (code) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a / b;
    case 4:
      return a > b ? b : a;
    case 5:
      return a < b ? b : a;
    default:
      return a > b ? 1 : 0;
  }
}

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
    const to = out.shapeLike(x, stored);
    const cells = startOf(x, x.rows);
    const single = stored === 'float32';
    if (single) {
      // Rounded to float32, a number may be too large.
      for (let i = 0; i < cells; i++) to[i] = x.data[i]!;
      checkFinite('refuse', out);
    }
    for (let i = 0; i < cells; i++) {
      const col = i % x.cols;
      const value = single ? to[i]! : x.data[i]!;
      let low = starts[col]!;
      for (let high = starts[col + 1]!; low < high; ) {
        const middle = (low + high) >>> 1;
        if (edges[middle]! <= value) low = middle + 1;
        else high = middle;
      }
      to[i] = low - starts[col]!;
    }
    return out;
  };
