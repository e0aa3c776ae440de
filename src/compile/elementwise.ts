import { isSingle, type Numbers, startOf, type Value } from '../input/dense.js';
import {
  arithmeticNames,
  type Bin,
  calculate,
  type Elementwise,
  elementwiseRules,
  type FunctionName,
  type Operation,
} from '../ir/index.js';
import { exp } from '../math/exp.js';
import { expit } from '../math/expit.js';
import { firstAbove } from '../math/first-above.js';
import { log } from '../math/log.js';
import { expm1, log1p } from '../math/near-one.js';
import { pow } from '../math/pow.js';
import { cos, sin } from '../math/sin.js';
import { tanh } from '../math/tanh.js';
import { zeros } from '../math/zeros.js';
import { floatsOf } from './buffer.js';
import type { NodeKind } from './kind.js';

export const elementwise: NodeKind<Elementwise> = {
  rules: elementwiseRules,
  transform: (node, out) => {
    const operations = node.operations.map(compileOperation);
    return (x) => {
      const type = node.type ?? floatsOf(x);
      let value = x;
      for (const operate of operations) {
        operate(value, out.shapeLike(value, type));
        value = out;
      }
      return value;
    };
  },
};

/** Writes what becomes of each cell of `x`. A result is rounded once, when it is stored. */
type Operate = (x: Value, to: Numbers) => void;

function compileOperation(one: Operation): Operate {
  if ('edges' in one) return (x, to) => countEdges(one, x, to);
  if ('operands' in one) {
    const operands = repeat(one.operands);
    const code = arithmeticNames.indexOf(one.operation);
    const singles = one.rounded ? Float32Array.from(operands) : operands;
    return (x, to) => calculateAll(code, x, to, isSingle(to) ? singles : operands);
  }
  const evaluate = functions[one.operation];
  return (x, to) => {
    const cells = startOf(x, x.rows);
    for (let i = 0; i < cells; i++) to[i] = evaluate(x.data[i]!);
  };
}

/** Row after row, each with all operands; of compressed rows block after block, each cell with that of its column. */
function calculateAll(code: number, x: Value, to: Numbers, operands: Numbers): void {
  const { data, indices } = x;
  const cells = startOf(x, x.rows);
  const block = indices ? zeros(Math.min(cells, 256)) : operands;
  for (let at = 0; at < cells; at += block.length) {
    const count = Math.min(block.length, cells - at);
    if (indices) for (let i = 0; i < count; i++) block[i] = operands[indices[at + i]!]!;
    calculate(code, data, block, to, at, count);
  }
}

/** Operands of several narrow rows at once: a call for each would take longer than its cells. */
const repeat = (operands: Numbers, { length } = operands): Numbers =>
  length > 16
    ? operands
    : Float64Array.from({ length: length * 32 }, (_, i) => operands[i % length]!);

const functions: { readonly [F in FunctionName]: (x: number) => number } = {
  positive: Number,
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
  exp2: (x) => pow(2, x),
  expm1,
  log,
  log1p,
  sin,
  cos,
  tanh,
  expit: (x) => expit(x),
  sublinear: (x) => (x === 0 ? 0 : 1 + log(x)),
};

function countEdges({ starts, edges }: Bin, { data, rows, cols }: Value, to: Numbers): void {
  for (let i = 0; i < rows * cols; i++) {
    const start = starts[i % cols]!;
    to[i] = firstAbove(edges, data[i]!, start, starts[(i % cols) + 1]!, false) - start;
  }
}
