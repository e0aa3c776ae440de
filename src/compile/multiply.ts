import { type Numbers, type Value, viewRows } from '../input/dense.js';
import type { Linear, Node } from '../ir/index.js';
import { type VectorName, vectorNames } from '../kernels/products-code.js';
import {
  type CellArithmetic,
  createWasmMultiplier,
  type WasmMultiplier,
} from '../kernels/products-wasm.js';
import type { Scorer } from './scorer.js';

/** Products that are made portably before a multiplier is, which takes about as long as they do: some models are there for one row. */
const portableProducts = 2 ** 19;
/** Products that take as long as an operation on a cell, and as what else is to do with a row. */
const operationProducts = 4;
const rowProducts = 64;
/** Values up to this many are copied one by one, and where they are a part of an array up to more: a view of it would have to be made. */
const fewest = 16;
const fewValues = 256;

/**
 * A scorer of rows that pass arithmetic on their cells, if any, and a linear step, in WebAssembly; null where a step is of another kind, or could
 * hide that a cell is not finite.
 *
 * No score of a row is finite if a cell of it is not. Such rows go portably, which throws what there is to throw.
 */
export function multiplyInWasm(node: Node, portable: Scorer): Scorer | null {
  const steps = node.kind === 'pipeline' ? node.steps : [node];
  const linear = steps[steps.length - 1]!;
  const before = readArithmetic(steps.slice(0, -1));
  if (linear.kind !== 'linear' || before === null) return null;
  const { features, outputs } = linear;
  const multipliers: { [single: number]: Multiplier | null } = {};
  const perRow = features * (outputs + operationProducts * before.length) + rowProducts;
  let left = portableProducts;

  function findMultiplier(x: Value): Multiplier | null {
    if (left > 0) left -= x.rows * perRow;
    if (left > 0 || x.indptr || x.strings) return null;
    const single = x.data instanceof Float32Array;
    const known = multipliers[+single];
    if (known !== undefined) return known;
    const made = createMultiplier(before!, linear as Linear, single);
    multipliers[+single] = made;
    return made;
  }

  function score(x: Value, out: Float64Array): boolean {
    const multiplier = findMultiplier(x);
    if (multiplier === null) return portable.score(x, out);
    const { blockRows, inputs, scores } = multiplier;
    for (let start = 0; start < x.rows; start += blockRows) {
      const rows = Math.min(blockRows, x.rows - start);
      copy(x.data, start * features, rows * features, inputs, 0);
      multiplier.multiply(rows);
      for (let i = 0; i < rows * outputs; i += outputs) {
        if (scores[i]! - scores[i]! !== 0)
          return portable.score(viewRows(x, start, x.rows), out.subarray(start * outputs));
      }
      copy(scores, 0, rows * outputs, out, start * outputs);
    }
    return multiplier.singleSum;
  }
  return { ...portable, score };
}

interface Arithmetic {
  readonly operation: VectorName;
  readonly operands: Float64Array;
  /** Whether float32 cells meet operands rounded to float32. */
  readonly rounded: boolean;
  /** What results are stored as; null: as the cells are. */
  readonly type: 'float64' | 'float32' | null;
}

/**
 * The operations of the steps, one after another; null where there are others. What is missing is filled before anything else is done, if at all, and no
 * step before refuses it.
 */
function readArithmetic(steps: readonly Node[]): Arithmetic[] | null {
  const all: Arithmetic[] = [];
  let fillable = true;
  for (const step of steps) {
    if (step.kind !== 'elementwise' || step.type === 'uint8') return null;
    const { type } = step;
    fillable &&= step.nonFinite !== 'refuse';
    for (const one of step.operations) {
      const operation = vectorNames.find((name) => name === one.operation);
      if (!('operands' in one) || operation === undefined) return null;
      if (operation !== 'fill') fillable = false;
      else if (!fillable) return null;
      all.push({ operation, operands: one.operands, rounded: one.rounded, type });
    }
  }
  return all;
}

type Multiplier = WasmMultiplier & { readonly singleSum: boolean };

/** For float32 or float64 rows; each operation, product and sum is float32 where numpy's is. */
function createMultiplier(
  before: readonly Arithmetic[],
  linear: Linear,
  singleRows: boolean,
): Multiplier | null {
  let single = singleRows;
  const operations = before.map(({ operation, operands, rounded, type }): CellArithmetic => {
    if (type !== null) single = type === 'float32';
    return {
      operation,
      single,
      operands: single && rounded ? Float32Array.from(operands) : operands,
    };
  });
  const singleProduct = single && linear.coefficients instanceof Float32Array;
  const singleSum = singleProduct && linear.intercepts instanceof Float32Array;
  const multiplier = createWasmMultiplier({ ...linear, operations, singleProduct, singleSum });
  return multiplier && { ...multiplier, singleSum };
}

function copy(from: Numbers, start: number, count: number, to: Float64Array, at: number): void {
  if (count === from.length && count > fewest) to.set(from, at);
  else if (count > fewValues) to.set(from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[start + i]!;
}
