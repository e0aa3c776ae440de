import {
  cellCount,
  type Dense,
  type Names,
  type Numbers,
  type Sparse,
  type Table,
} from '../input/dense.js';
import type { ResultType } from '../ir/index.js';

export const resultArrays = {
  float64: Float64Array,
  float32: Float32Array,
  uint8: Uint8Array,
} as const satisfies Record<ResultType, new (length: number) => Numbers>;
export type NumbersType = (typeof resultArrays)[ResultType];

/** The type of what arithmetic makes of these numbers. */
export function floatsOf({ data }: Dense | Sparse): NumbersType {
  return data instanceof Float32Array ? Float32Array : Float64Array;
}

/** A matrix that a part writes its results to, used again by the next batch: a row alone allocates nothing. */
export class MatrixBuffer {
  data: Numbers = new Float64Array(0);
  indptr: Int32Array | undefined = undefined;
  indices: Int32Array | undefined = undefined;
  rows = 0;
  firstRow = 0;
  readonly cols: number;
  readonly names: Names;

  constructor(cols: number, names: Names) {
    this.cols = cols;
    this.names = names;
  }

  /** Room for as many rows as `x` has, and for `cells` cells. What was there may be there still. */
  shape(
    x: { readonly rows: number; readonly firstRow?: number },
    type: NumbersType,
    cells: number = x.rows * this.cols,
  ): Numbers {
    this.rows = x.rows;
    this.firstRow = x.firstRow ?? 0;
    if (!(this.data instanceof type) || this.data.length < cells) this.data = new type(cells);
    return this.data;
  }

  /** The same for compressed rows: `indptr[0]` is 0, the rest is to be written. */
  shapeSparse(
    x: { readonly rows: number; readonly firstRow?: number },
    type: NumbersType,
    cells: number,
  ): Numbers {
    if (!(this.indptr && this.indptr.length > x.rows)) this.indptr = new Int32Array(x.rows + 1);
    if (!(this.indices && this.indices.length >= cells)) this.indices = new Int32Array(cells);
    return this.shape(x, type, cells);
  }

  /** The same with the cells of `x` in their places. */
  shapeLike(x: Dense | Sparse, type: NumbersType): Numbers {
    this.indptr = x.indptr;
    this.indices = x.indices;
    return this.shape(x, type, cellCount(x));
  }

  get value(): Dense | Sparse {
    return this as Dense | Sparse;
  }
}

/** The same for a table. */
export class TableBuffer implements Table {
  numbers: Float64Array = new Float64Array(0);
  readonly strings: (string | null)[] = [];
  singles: readonly boolean[] | null = null;
  rows = 0;
  firstRow = 0;
  readonly cols: number;
  readonly names: Names;

  constructor(cols: number, names: Names) {
    this.cols = cols;
    this.names = names;
  }

  shape(x: { readonly rows: number; readonly firstRow?: number }): this {
    this.rows = x.rows;
    this.firstRow = x.firstRow ?? 0;
    const cells = x.rows * this.cols;
    if (this.numbers.length < cells) this.numbers = new Float64Array(cells);
    return this;
  }
}
