import { refuse } from '../errors.js';
import { copyRow, isSingle, type Numbers, placeOf, rowOf, type Value } from '../input/dense.js';
import {
  isBase,
  isPair,
  type Kernel,
  type KernelBase,
  type KernelFunction,
  kernelColumns,
  kernelRules,
  operandCount,
  referenceCount,
} from '../ir/index.js';
import { multiply } from '../kernels/multiply.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';
import { pow } from '../math/pow.js';
import { type Round, rounding } from '../math/rounding.js';
import { sin } from '../math/sin.js';
import { tanh } from '../math/tanh.js';
import { zeros } from '../math/zeros.js';
import { floatType } from './buffer.js';
import { bySingle } from './by-single.js';
import type { NodeKind } from './kind.js';
import { euclidean, type Reduced, sumOf } from './row-distance.js';
import { normalize } from './row-norm.js';
import { writeRows } from './write-rows.js';

export const kernel: NodeKind<Kernel> = {
  rules: kernelRules,
  transform: (node, out) => {
    const cells = zeros(node.features);
    const programFor = bySingle((single) => compileProgram(node, single));
    const takesPositive = node.steps.includes('additive-chi2');
    return (x) => {
      const program = programFor(x);
      return writeRows(out, x, floatType(program.single), (row) => {
        copyRow(x, row, cells);
        if (takesPositive) refuseNegative(x, row, cells);
        const results = program.run(cells);
        for (let i = 0; i < results.length; i++) out.put(i, results[i]!);
      });
    };
  },
};

function refuseNegative(x: Value, row: number, cells: Float64Array): void {
  const col = cells.findIndex((cell) => cell < 0);
  if (col !== -1) refuse('input-range', placeOf(x, row, col), `${cells[col]} is below 0`);
}

/** The steps of a kernel for float32 or other rows: what they make of a row, in a scratch, and whether that is float32. */
interface Program {
  readonly single: boolean;
  run(cells: Float64Array): Float64Array;
}

type Write = (cells: Float64Array, to: Float64Array) => void;

function compileProgram(node: Kernel, singleRows: boolean): Program {
  const { features, steps, operands } = node;
  const width = kernelColumns(node);
  /** Results that wait, and whether each is float32. */
  const results: Float64Array[] = [];
  const singles: boolean[] = [];
  const actions: ((cells: Float64Array) => void)[] = [];
  /** Of bases without operands: some hold references of their own, which a step that comes again must not cost again. */
  const writes = new Map<KernelBase, Write>();
  let at = 0;
  for (const step of steps) {
    const start = at;
    at += operandCount(step, features);
    const own = operands.subarray(start, at);
    if (isBase(step)) {
      results[singles.length] ??= zeros(width);
      const to = results[singles.length]!;
      const single = isSingleBase(node, step, singleRows);
      const write = writes.get(step) ?? compileBase(node, step, own, single);
      if (own.length === 0) writes.set(step, write);
      actions.push((cells) => write(cells, to));
      singles.push(single);
    } else if (isPair(step)) {
      const second = results[singles.length - 1]!;
      const first = results[singles.length - 2]!;
      const single = singles.splice(-2).every(Boolean);
      const round = rounding(single);
      actions.push(() => {
        for (let i = 0; i < width; i++) {
          const a = first[i]!;
          const b = second[i]!;
          first[i] = round(step === 'sum' ? a + b : a * b);
        }
      });
      singles.push(single);
    } else {
      const last = results[singles.length - 1]!;
      const round = rounding(singles[singles.length - 1]!);
      const change = functions[step];
      // A Python float takes part in float32 arithmetic as float32.
      const operand = round(own[0] ?? 0);
      actions.push(() => {
        for (let i = 0; i < width; i++) last[i] = round(change(last[i]!, operand));
      });
    }
  }
  return {
    single: singles[0]!,
    run(cells) {
      for (const act of actions) act(cells);
      return results[0]!;
    },
  };
}

/** Whether results are float32: of float32 rows and references. */
export const isSingleBase = ({ references }: Kernel, step: KernelBase, singleRows: boolean) =>
  singleRows && isSingle(references) && singleBases.includes(step);

const singleBases: readonly KernelBase[] = [
  'dot',
  'cosine',
  'squared-distance',
  'differences',
  'additive-chi2',
];

export const functions: {
  readonly [F in KernelFunction]: (value: number, operand: number) => number;
} = {
  add: (value, operand) => value + operand,
  multiply: (value, operand) => value * operand,
  divide: (value, operand) => value / operand,
  power: pow,
  'integer-power': (value, operand) => {
    let result = 1;
    for (let power = value, left = operand; left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) result *= power;
      power *= power;
    }
    return result;
  },
  minimum: Math.min,
  square: (value) => value * value,
  sqrt: Math.sqrt,
  exp,
  log: (value) => log(Math.max(value, 0)),
  tanh,
  sin,
  'matern-3/2': (value) => (1 + value) * exp(-value),
  'matern-5/2': (value) => (1 + value + (value * value) / 3) * exp(-value),
};

/** Writes what becomes of a row and each reference; of a row and itself last, if that is asked for. */
export function compileBase(
  node: Kernel,
  step: KernelBase,
  operands: Float64Array,
  single: boolean,
): Write {
  const { features, references, diagonal } = node;
  const count = referenceCount(node);
  const round = rounding(single);
  /** Of a row and each of `rows` [count × features]. */
  const all =
    (rows: Numbers, of: Reduced): Write =>
    (cells, to) => {
      for (let i = 0; i < count; i++) to[i] = of(cells, rows, i * features, features, Infinity);
      if (diagonal) to[count] = of(cells, cells, 0, features, Infinity);
    };
  switch (step) {
    case 'constant':
    case 'noise':
      return (_cells, to) => {
        to.fill(step === 'noise' ? 0 : operands[0]!);
        if (diagonal) to[count] = operands[0]!;
      };
    case 'dot':
      return productsOf(node, references, round);
    case 'cosine': {
      const unit = zeros(features);
      const units = Float64Array.from(references);
      for (let at = 0; at < units.length; at += features)
        normalize('l2', single, false, units, at, features, units);
      const write = productsOf(node, units, round);
      return (cells, to) => {
        normalize('l2', single, false, cells, 0, features, unit);
        write(unit, to);
      };
    }
    case 'squared-distance': {
      const squares = Float64Array.from({ length: count }, (_, i) =>
        squareSum(rowOf(references, i, features)),
      );
      return (cells, to) => {
        multiply(cells, 1, features, references, count, to);
        const own = squareSum(cells);
        for (let i = 0; i < count; i++) to[i] = Math.max(round(-2 * to[i]! + own + squares[i]!), 0);
        if (diagonal) to[count] = 0;
      };
    }
    case 'squared-differences': {
      const scaled = Float64Array.from(references, (cell, i) => cell / operands[i % features]!);
      const ours = zeros(features);
      const write = all(scaled, euclidean);
      return (cells, to) => {
        for (let i = 0; i < features; i++) ours[i] = cells[i]! / operands[i]!;
        write(ours, to);
      };
    }
    case 'differences':
      return all(
        references,
        sumOf((d) => d * d, single),
      );
    case 'manhattan':
      return all(references, sumOf(Math.abs, false));
    case 'additive-chi2': {
      const sum = sumOf((d, x, y) => {
        const total = round(x + y);
        return total === 0 ? 0 : (d * d) / total;
      }, single);
      return all(references, (...rows) => -sum(...rows));
    }
  }
}

function productsOf(node: Kernel, rows: Numbers, round: Round): Write {
  const { features, diagonal } = node;
  const count = referenceCount(node);
  return (cells, to) => {
    multiply(cells, 1, features, rows, count, to);
    if (diagonal) to[count] = squareSum(cells);
    if (round !== Number) for (let i = 0; i < to.length; i++) to[i] = round(to[i]!);
  };
}

const product = new Float64Array(1);

function squareSum(cells: Numbers): number {
  multiply(cells, 1, cells.length, cells, 1, product);
  return product[0]!;
}
