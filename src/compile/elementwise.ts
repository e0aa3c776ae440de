import { NuthatchError } from '../errors.js';
import { cellCount, type Dense, type Names, type Numbers, type Sparse } from '../input/dense.js';
import {
  type Arithmetic,
  type ArithmeticName,
  arithmeticNames,
  type Elementwise,
  type FunctionName,
  type Operation,
  type ValueType,
} from '../ir/index.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';
import { expm1, log1p } from '../math/near-one.js';
import { floatsOf, MatrixBuffer } from './buffer.js';
import { checkFinite } from './finite.js';
import type { Transformer } from './transformer.js';

export function compileElementwise(node: Elementwise, given: ValueType, names: Names): Transformer {
  const { features, nonFinite } = node;
  const operations = node.operations.map(compileOperation);
  const out = new MatrixBuffer(features, names);

  function transform(x: Dense | Sparse): Dense | Sparse {
    checkFinite(nonFinite, x);
    if (operations.length === 0) return x;
    const data = out.shapeLike(x, floatsOf(x));
    const cells = cellCount(x);
    let from = x.data;
    for (const operate of operations) {
      operate(from, data, cells, features, x.indices);
      from = data;
    }
    return out.value;
  }

  if (given.kind === 'sparse') {
    // Cells that are not there are 0, and must stay so.
    const zeros = { data: new Float64Array(features), rows: 1, cols: features, names };
    const { data } = transform(zeros);
    if (data.some((value) => value !== 0))
      throw new NuthatchError(
        'invalid-model',
        'model.root',
        'an operation that changes 0, on sparse rows',
      );
  }
  return { gives: given, names, transform: transform as Transformer['transform'] };
}

/** Applies an operation to `cells` cells, in dense or (with `indices`) compressed rows of `cols` columns. */
type Operate = (
  from: Numbers,
  to: Numbers,
  cells: number,
  cols: number,
  indices: Int32Array | undefined,
) => void;

function compileOperation(operation: Operation): Operate {
  return 'operands' in operation
    ? compileArithmetic(operation)
    : compileFunction(functions[operation.operation]);
}

function compileFunction(evaluate: (x: number) => number): Operate {
  return (from, to, cells) => {
    for (let i = 0; i < cells; i++) to[i] = evaluate(from[i]!);
  };
}

function compileArithmetic({ operation, operands, rounded }: Arithmetic): Operate {
  const code = arithmeticNames.indexOf(operation);
  const singles = rounded ? Float32Array.from(operands) : operands;
  return (from, to, cells, cols, indices) => {
    // A result is rounded once, when it is stored.
    const values = to instanceof Float32Array ? singles : operands;
    for (let i = 0, next = 0; i < cells; i++) {
      const value = values[indices === undefined ? next : indices[i]!]!;
      to[i] = calculate(code, from[i]!, value);
      if (++next === cols) next = 0;
    }
  };
}

/** NaN stays NaN, as with numpy's functions of these names. */
function calculate(code: number, a: number, b: number): number {
  switch (arithmeticNames[code] as ArithmeticName) {
    case 'add':
      return a + b;
    case 'subtract':
      return a - b;
    case 'multiply':
      return a * b;
    case 'divide':
      return a / b;
    case 'minimum':
      return a > b ? b : a;
    case 'maximum':
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
  rint: roundToEven,
  exp,
  expm1,
  log,
  log1p,
};

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const up = x - floor > 0.5 || (x - floor === 0.5 && floor % 2 !== 0);
  // Keeps the sign of zero.
  return up ? (floor === -1 ? -0 : floor + 1) : floor;
}
