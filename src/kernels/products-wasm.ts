import { assembleProducts, operandRows, type VectorName } from './products-code.js';
import { addressable, aligned, createMemory, createModule, findWasm } from './walk-wasm.js';

/** Arithmetic on the cells of a column before they are multiplied. */
export interface CellArithmetic {
  readonly operation: VectorName;
  /** [features]. */
  readonly operands: ArrayLike<number>;
  /** Whether results are rounded to float32. */
  readonly single: boolean;
}

/** Linear scores; arrays as the IR has them. */
export interface WasmProducts {
  readonly features: number;
  readonly outputs: number;
  readonly operations: readonly CellArithmetic[];
  readonly coefficients: ArrayLike<number>;
  readonly intercepts: ArrayLike<number>;
  /** Whether products, and their sums with intercepts, are rounded to float32. */
  readonly singleProduct: boolean;
  readonly singleSum: boolean;
}

/** Products in WebAssembly: inputs and scores lie in its memory, beside a copy of the coefficients. */
export interface WasmMultiplier {
  readonly blockRows: number;
  /** [blockRows × features]. */
  readonly inputs: Float64Array;
  /** [blockRows × outputs]. */
  readonly scores: Float64Array;
  /** Makes the scores of the first rows. */
  multiply(rows: number): void;
}

/** Cells or scores of a block, which then stay in the cache. */
const blockCells = 2 ** 12;
/** Coefficients of larger models are not copied. */
const mostBytes = 2 ** 26;

/** A multiplier with the same answers as `dot` to the bit; null where WebAssembly, or its vectors, are missing or forbidden, or the model is too large. */
export function createWasmMultiplier(products: WasmProducts): WasmMultiplier | null {
  const wasm = findWasm();
  const { features, outputs, coefficients, intercepts, operations } = products;
  if (wasm === undefined || coefficients.length * 8 > mostBytes) return null;
  const blockRows = Math.max(1, Math.floor(blockCells / Math.max(features, outputs)));
  const padded = Math.ceil(blockRows / 2) * 2 * features;
  let end = 0;
  const place = (count: number): number => {
    const at = end;
    end = aligned(at + count * 8);
    return at;
  };
  const inputs = place(padded);
  const cells = place(operations.length > 0 ? padded : 0);
  const scores = place(blockRows * outputs);
  const copies: [at: number, values: ArrayLike<number>][] = [];
  const copy = (values: ArrayLike<number>): number => {
    const at = place(values.length);
    copies.push([at, values]);
    return at;
  };
  const code = {
    ...products,
    ...{ inputs, cells, scores },
    coefficients: copy(coefficients),
    intercepts: copy(intercepts),
    operations: operations.map(({ operation, operands, single }) => {
      const length = operandRows(features) * features;
      const repeated = Float64Array.from({ length }, (_, i) => operands[i % features]!);
      return { operation, single, operands: copy(repeated) };
    }),
  };
  if (end >= addressable) return null;
  try {
    const bytes = assembleProducts(code);
    // Where vectors are missing, that forbids no walks.
    if (!wasm.validate(bytes)) return null;
    const memory = createMemory(wasm, end);
    const module = createModule(wasm, bytes);
    const { buffer } = memory;
    for (const [at, values] of copies) new Float64Array(buffer, at).set(values);
    const multiply = new wasm.Instance(module, { m: { m: memory } }).exports
      .f as WasmMultiplier['multiply'];
    return {
      blockRows,
      inputs: new Float64Array(buffer, inputs, blockRows * features),
      scores: new Float64Array(buffer, scores, blockRows * outputs),
      multiply,
    };
  } catch {
    // As walks: the portable products serve.
    return null;
  }
}
