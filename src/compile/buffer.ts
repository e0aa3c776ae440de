import {
  isSingle,
  type Names,
  type Numbers,
  type StringCell,
  startOf,
  type Value,
} from '../input/dense.js';
import { allocate } from '../input/target.js';
import { arrayTypes, type ResultType, type ValueType } from '../ir/index.js';
import { zeros } from '../math/zeros.js';

/** A value that a part writes its results to, used again by the next batch: a row alone allocates nothing. */
export class ValueBuffer implements Value {
  data: Numbers = zeros(0);
  indptr: Int32Array | undefined;
  indices: Int32Array | undefined;
  strings: StringCell[] | undefined;
  singles: readonly boolean[] | null = null;
  rows = 0;
  firstRow = 0;
  readonly cols: number;
  readonly names: Names;
  /** Where the row begins, or, of compressed rows, the next cell. */
  #at = 0;

  constructor({ kind, columns }: ValueType, names: Names) {
    this.cols = columns;
    this.names = names;
    if (kind === 'columns') this.strings = [];
    if (kind === 'sparse') this.indptr = this.indices = new Int32Array(0);
  }

  /** Makes room for as many rows as `x` has, all 0. They are then written one after another. */
  begin(x: Value, type: ResultType): void {
    this.#at = 0;
    const cells = this.indptr ? 0 : x.rows * this.cols;
    this.#allocate(x, type, cells).fill(0, 0, cells);
    if (this.indptr && this.indptr.length <= x.rows) this.indptr = new Int32Array(x.rows + 1);
    this.rows = 0;
  }

  /** Makes room for as many dense rows as `x` has, in no order. */
  fit(x: Value, type: ResultType): Numbers {
    return this.#allocate(x, type, x.rows * this.cols);
  }

  #allocate(x: Value, type: ResultType, cells: number): Numbers {
    this.rows = x.rows;
    this.firstRow = x.firstRow ?? 0;
    if (!(this.data instanceof arrayTypes[type]) || this.data.length < cells)
      this.data = allocate<Numbers>(arrayTypes[type], cells);
    return this.data;
  }

  /** Writes a cell of the current row, with its string where there are columns of strings. Columns of compressed rows come in their order. */
  put(col: number, value: number, string: StringCell = null): void {
    if (!this.indptr) {
      this.data[this.#at + col] = value;
      if (this.strings) this.strings[this.#at + col] = string;
    } else if (value !== 0) {
      if (this.#at === this.data.length) this.data = enlarge(this.data);
      if (this.#at === this.indices!.length) this.indices = enlarge(this.indices!);
      this.indices![this.#at] = col;
      this.data[this.#at++] = value;
    }
  }

  /** Ends the current row. */
  next(): void {
    this.rows++;
    if (this.indptr) this.indptr[this.rows] = this.#at;
    else this.#at += this.cols;
  }

  /** Makes room for what becomes of each cell of `x`, in the same places. `x` may be this buffer. */
  shapeLike(x: Value, type: ResultType): Numbers {
    this.indptr = x.indptr;
    this.indices = x.indices;
    return this.#allocate(x, type, startOf(x, x.rows));
  }
}

/** The same cells in twice the room. */
function enlarge<Cells extends Numbers | Int32Array>(cells: Cells): Cells {
  const type = cells.constructor as new (length: number) => Cells;
  const larger = allocate(type, cells.length * 2 + 16);
  larger.set(cells);
  return larger;
}

/** What a value's numbers are stored as. */
export const typeOf = ({ data }: Value): ResultType =>
  data instanceof Float64Array ? 'float64' : isSingle(data) ? 'float32' : 'uint8';

/** What arithmetic makes of them. */
export const floatsOf = ({ data }: Value): ResultType => floatType(isSingle(data));

/** The type of floats of which it is known whether they are float32. */
export const floatType = (single: boolean): ResultType => (single ? 'float32' : 'float64');
