import { assembleProducts, operandRows, type VectorName } from './products-code.js';
import { assembleSparseProducts, sparseWidth } from './sparse-products-code.js';
import { addressable, aligned, createMemory, createModule, findWasm } from './wasm-memory.js';

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

/** The same of compressed rows. */
export interface WasmSparseMultiplier {
  readonly blockRows: number;
  /** [cells of the block] */
  readonly inputs: Float64Array;
  readonly indices: Int32Array;
  /** [blockRows + 1], from 0 on. */
  readonly indptr: Int32Array;
  readonly scores: Float64Array;
  multiply(rows: number): void;
}

/** Cells or scores of a block, which then stay in the cache. */
const blockCells = 2 ** 12;
/** Coefficients of larger models are not copied. */
const mostBytes = 2 ** 26;
/** Bytes of code that browsers compile at once on their main thread. */
const mostCode = 2 ** 12;

/** A multiplier with the same answers as the portable `multiply` to the bit; null where WebAssembly, or its vectors, are missing or forbidden, or the model is too large. */
export function createWasmMultiplier(products: WasmProducts): WasmMultiplier | null {
  const { features, outputs, operations } = products;
  const blockRows = Math.max(1, Math.floor(blockCells / Math.max(features, outputs)));
  const padded = Math.ceil(blockRows / 2) * 2 * features;
  const layout = new Layout();
  const inputs = layout.place(padded * 8);
  const cells = layout.place(operations.length > 0 ? padded * 8 : 0);
  const scores = layout.place(blockRows * outputs * 8);
  const code = {
    ...products,
    ...{ inputs, cells, scores },
    coefficients: layout.copy(products.coefficients),
    intercepts: layout.copy(products.intercepts),
    operations: operations.map(({ operation, operands, single }) => {
      const length = operandRows(features) * features;
      const repeated = Float64Array.from({ length }, (_, i) => operands[i % features]!);
      return { operation, single, operands: layout.copy(repeated) };
    }),
  };
  const made = layout.instantiate(() => assembleProducts(code));
  return (
    made && {
      blockRows,
      inputs: new Float64Array(made.buffer, inputs, blockRows * features),
      scores: new Float64Array(made.buffer, scores, blockRows * outputs),
      multiply: made.run,
    }
  );
}

/** The same of compressed rows, as the portable `multiplySparse`. */
export function createWasmSparseMultiplier(
  products: Omit<WasmProducts, 'operations'>,
): WasmSparseMultiplier | null {
  const { features, outputs, coefficients, intercepts } = products;
  const blockRows = Math.max(1, Math.floor(blockCells / outputs));
  // A row may have all columns.
  const most = Math.max(blockCells, features);
  const width = sparseWidth(outputs);
  if (features * width * 8 > mostBytes) return null;
  const turned = new Float64Array(features * width);
  for (let output = 0; output < outputs; output++) {
    for (let i = 0; i < features; i++)
      turned[i * width + output] = coefficients[output * features + i]!;
  }
  const layout = new Layout();
  const inputs = layout.place(most * 8);
  const indices = layout.place(most * 4);
  const indptr = layout.place((blockRows + 1) * 4);
  const scores = layout.place((blockRows * outputs + 1) * 8);
  const code = {
    ...products,
    ...{ inputs, indices, indptr, scores },
    coefficients: layout.copy(turned),
    intercepts: layout.copy([...Array.from(intercepts), 0]),
  };
  const made = layout.instantiate(() => assembleSparseProducts(code));
  return (
    made && {
      blockRows,
      inputs: new Float64Array(made.buffer, inputs, most),
      indices: new Int32Array(made.buffer, indices, most),
      indptr: new Int32Array(made.buffer, indptr, blockRows + 1),
      scores: new Float64Array(made.buffer, scores, blockRows * outputs),
      multiply: made.run,
    }
  );
}

/** What lies where in a memory that is made once all is known. */
class Layout {
  #end = 0;
  readonly #copies: [at: number, values: ArrayLike<number>][] = [];

  place(bytes: number): number {
    const at = this.#end;
    this.#end = aligned(at + bytes);
    return at;
  }

  /** Places numbers as float64. */
  copy(values: ArrayLike<number>): number {
    const at = this.place(values.length * 8);
    this.#copies.push([at, values]);
    return at;
  }

  /** The function of a module, in a memory that holds the copies; null where there is none. */
  instantiate(
    assemble: () => Uint8Array,
  ): { readonly buffer: ArrayBufferLike; readonly run: (rows: number) => void } | null {
    const wasm = findWasm();
    const bytes = this.#copies.reduce((sum, [, { length }]) => sum + length * 8, 0);
    if (wasm === undefined || bytes > mostBytes || this.#end >= addressable) return null;
    try {
      const code = assemble();
      // Of long chains, browsers would not compile it at once. Nor do vectors that are missing forbid walks.
      if (code.length > mostCode || !wasm.validate(code)) return null;
      const memory = createMemory(wasm, this.#end);
      const { buffer } = memory;
      for (const [at, values] of this.#copies) new Float64Array(buffer, at).set(values);
      const module = createModule(wasm, code);
      const { f } = new wasm.Instance(module, { m: { m: memory } }).exports;
      return { buffer, run: f as (rows: number) => void };
    } catch {
      // As walks: the portable products serve.
      return null;
    }
  }
}
