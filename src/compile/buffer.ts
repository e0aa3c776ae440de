import { type Names, type Numbers, startOf, type Value } from '../input/dense.js';
import type { ResultType, ValueType } from '../ir/index.js';

const arrays = { float64: Float64Array, float32: Float32Array, uint8: Uint8Array };

/** A value that a part writes its results to, used again by the next batch: a row alone allocates nothing. */
export class ValueBuffer implements Value {
  data: Numbers = new Float64Array(0);
  indptr: Int32Array | undefined;
  indices: Int32Array | undefined;
  strings: (string | null)[] | undefined;
  singles: readonly boolean[] | null = null;
  rows = 0;
  firstRow = 0;
  readonly cols: number;
  readonly names: Names;
  readonly #sparse: boolean;
  #row = 0;
  /** Where the row begins, or, of compressed rows, the next cell. */
  #at = 0;

  constructor({ kind, columns }: ValueType, names: Names) {
    this.cols = columns;
    this.names = names;
    this.#sparse = kind === 'sparse';
    if (kind === 'columns') this.strings = [];
  }

  /** Makes room for as many rows as `x` has, all 0: `cells` cells, where they are compressed. Rows are then written one after another. */
  begin(x: Value, type: ResultType, cells = x.rows * this.cols): void {
    this.rows = x.rows;
    this.firstRow = x.firstRow ?? 0;
    this.#row = 0;
    this.#at = 0;
    if (!(this.data instanceof arrays[type]) || this.data.length < cells)
      this.data = new arrays[type](cells);
    if (!this.#sparse) this.data.fill(0, 0, cells);
    else if (!(this.indices && this.indices.length >= cells)) this.indices = new Int32Array(cells);
    if (this.#sparse && !(this.indptr && this.indptr.length > x.rows))
      this.indptr = new Int32Array(x.rows + 1);
  }

  /** Writes a cell of the current row. Columns of compressed rows come in their order. */
  put(col: number, value: number): void {
    if (!this.#sparse) {
      this.data[this.#at + col] = value;
    } else if (value !== 0) {
      this.indices![this.#at] = col;
      this.data[this.#at++] = value;
    }
  }

  putString(col: number, value: string | null): void {
    this.strings![this.#at + col] = value;
  }

  /** Ends the current row. */
  next(): void {
    this.#row++;
    if (this.#sparse) this.indptr![this.#row] = this.#at;
    else this.#at += this.cols;
  }

  /** Takes the places of the cells of `x`, and what `change` makes of each of its numbers. `x` may be this buffer. */
  map(x: Value, type: ResultType, change: (value: number, col: number) => number): void {
    const { data, indices, cols, rows } = x;
    const cells = startOf(x, rows);
    this.rows = rows;
    this.firstRow = x.firstRow ?? 0;
    this.indptr = x.indptr;
    this.indices = indices;
    this.singles = x.singles ?? null;
    if (!(this.data instanceof arrays[type]) || this.data.length < cells)
      this.data = new arrays[type](cells);
    const to = this.data;
    for (let i = 0, col = 0; i < cells; i++) {
      to[i] = change(data[i]!, indices === undefined ? col : indices[i]!);
      if (++col === cols) col = 0;
    }
  }
}

/** What a value's numbers are stored as. */
export function typeOf({ data }: Value): ResultType {
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Float32Array ? 'float32' : 'uint8';
}

/** What arithmetic makes of them. */
export function floatsOf(x: Value): ResultType {
  return typeOf(x) === 'float32' ? 'float32' : 'float64';
}
