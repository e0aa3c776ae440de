import { NuthatchError, quote } from '../errors.js';
import { cellPath, type Dense, type Names, type Sparse, type Table } from '../input/dense.js';
import {
  type Categories,
  type Encode,
  type OneHot,
  outputOf,
  typeOfCategories,
  type ValueType,
} from '../ir/index.js';
import { floatsOf, MatrixBuffer, resultArrays } from './buffer.js';
import { checkCells } from './finite.js';
import type { Transformer } from './transformer.js';

/** The code of a cell of column `column`; −1 where it is in no category. */
type Lookup = (x: Dense | Table, row: number) => number;

function compileLookup(categories: Categories, column: number, columns: number): Lookup {
  const { strings, numbers, missing } = categories;
  const known = strings ?? numbers!;
  const gap = missing ? known.length : -1;
  if (typeOfCategories(categories) === 'string') {
    const codes = new Map(strings!.map((value, code) => [value, code]));
    return (x, row) => {
      const value = (x as Table).strings[row * columns + column]!;
      return value === null ? gap : (codes.get(value) ?? -1);
    };
  }
  const codes = new Map(Array.from(numbers!, (value, code) => [value, code]));
  return (x, row) => {
    const value = ('numbers' in x ? x.numbers : x.data)[row * columns + column]!;
    return Number.isNaN(value) ? gap : (codes.get(value) ?? -1);
  };
}

function refuseUnknown(x: Dense | Table, row: number, column: number): never {
  const at = row * x.cols + column;
  const value = 'numbers' in x ? (x.strings[at] ?? x.numbers[at]!) : x.data[at]!;
  throw new NuthatchError(
    'input-category',
    cellPath((x.firstRow ?? 0) + row, column, x.names),
    `${typeof value === 'string' ? quote(value) : value} is no category that this model knows`,
  );
}

export function compileEncode(node: Encode, given: ValueType, names: Names): Transformer {
  const { width, columns } = node;
  const lookups = columns.map((column, i) => compileLookup(column, i, columns.length));
  const outNames = width === 1 ? names : null;
  const out = new MatrixBuffer(columns.length * width, outNames);

  function transform(x: Dense | Table): Dense | Sparse {
    checkCells('nan', x, given);
    const data = out.shape(x, resultArrays[node.type]);
    for (let row = 0, to = 0; row < x.rows; row++) {
      for (let column = 0; column < columns.length; column++) {
        const { values, unknown } = columns[column]!;
        const code = lookups[column]!(x, row);
        const from = code === -1 ? (unknown ?? refuseUnknown(x, row, column)) : values;
        const start = code === -1 ? 0 : code * width;
        for (let i = 0; i < width; i++) data[to++] = from[start + i]!;
      }
    }
    return out.value;
  }
  return {
    gives: outputOf(node, given, '', Infinity),
    names: outNames,
    transform: transform as Transformer['transform'],
  };
}

export function compileOneHot(node: OneHot, given: ValueType): Transformer {
  const { columns, sparse } = node;
  const lookups = columns.map((column, i) => compileLookup(column, i, columns.length));
  const gives = outputOf(node, given, '', Infinity);
  const out = new MatrixBuffer(gives.columns, null);

  function markOf(x: Dense | Table, row: number, column: number): number {
    const { marks, unknown } = columns[column]!;
    const code = lookups[column]!(x, row);
    return code === -1 ? (unknown ?? refuseUnknown(x, row, column)) : marks[code]!;
  }

  function transform(x: Dense | Table): Dense | Sparse {
    checkCells('nan', x, given);
    const type = node.type === null ? floatsOf(x as Dense) : resultArrays[node.type];
    const data = sparse ? out.shapeSparse(x, type, x.rows * columns.length) : out.shape(x, type);
    const { indptr, indices } = out;
    if (!sparse) data.fill(0, 0, x.rows * out.cols);
    let end = 0;
    for (let row = 0; row < x.rows; row++) {
      for (let column = 0, first = 0; column < columns.length; column++) {
        const mark = markOf(x, row, column);
        if (mark !== -1 && sparse) {
          indices![end] = first + mark;
          data[end++] = 1;
        } else if (mark !== -1) {
          data[row * out.cols + first + mark] = 1;
        }
        first += columns[column]!.width;
      }
      if (sparse) indptr![row + 1] = end;
    }
    return out.value;
  }
  return { gives, names: null, transform: transform as Transformer['transform'] };
}
