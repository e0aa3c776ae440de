import { NuthatchError } from '../errors.js';
import {
  cellCount,
  cellPath,
  type Dense,
  type Names,
  type Sparse,
  type Table,
  type Value,
} from '../input/dense.js';
import {
  type Impute,
  type Missing,
  type MissingMask,
  outputOf,
  typeOfColumn,
  type ValueType,
} from '../ir/index.js';
import { MatrixBuffer, TableBuffer } from './buffer.js';
import { checkCells } from './finite.js';
import type { Transformer } from './transformer.js';

/** Whether a number, or a cell of a column of strings, is missing. `single`: numbers are float32. */
interface IsMissing {
  number(value: number, single: boolean): boolean;
  string(value: string | null): boolean;
}

function compileMissing({ number, string }: Missing): IsMissing {
  const sign = number?.[0];
  const gaps = Number.isNaN(sign);
  const single = sign === undefined ? sign : Math.fround(sign);
  return {
    number: gaps ? Number.isNaN : (value, isSingle) => value === (isSingle ? single : sign),
    string: (value) => (value === null ? gaps : value === string),
  };
}

export function compileImpute(node: Impute, given: ValueType, names: Names): Transformer {
  const { features, nonFinite, numbers, strings } = node;
  const missing = compileMissing(node.missing);
  const out = new MatrixBuffer(features, names);
  const table = new TableBuffer(features, names);

  function fillNumbers(
    from: ArrayLike<number>,
    to: { [at: number]: number },
    cells: number,
    single: boolean,
    indices?: Int32Array,
  ): void {
    for (let i = 0, next = 0; i < cells; i++) {
      const value = from[i]!;
      to[i] = missing.number(value, single)
        ? numbers[indices === undefined ? next : indices[i]!]!
        : value;
      if (++next === features) next = 0;
    }
  }

  function transform(x: Value): Value {
    checkCells(nonFinite, x, given);
    if (!('numbers' in x)) {
      const single = x.data instanceof Float32Array;
      const data = out.shapeLike(x, single ? Float32Array : Float64Array);
      fillNumbers(x.data, data, cellCount(x), single, x.indices);
      return out.value;
    }
    const cells = x.rows * features;
    table.shape(x).singles = x.singles;
    fillNumbers(x.numbers, table.numbers, cells, false);
    for (let i = 0; i < cells; i++) {
      const value = x.strings[i]!;
      table.strings[i] = missing.string(value) ? strings![i % features]! : value;
    }
    return table;
  }

  if (given.kind === 'sparse' && missing.number(0, false))
    throw new NuthatchError('invalid-model', 'model.root', 'fills the zeros of sparse rows');
  return { gives: given, names, transform };
}

export function compileMissingMask(node: MissingMask, given: ValueType, names: Names): Transformer {
  const { features, nonFinite, columns, refuseOthers, sparse } = node;
  const missing = compileMissing(node.missing);
  const outNames = names && Array.from(columns, (column) => names[column]!);
  const out = new MatrixBuffer(columns.length, outNames);
  const isString = Array.from({ length: features }, (_, i) => typeOfColumn(given, i) === 'string');
  const others = refuseOthers
    ? isString.flatMap((_, column) => (columns.includes(column) ? [] : column))
    : [];

  function isMissing(x: Dense | Table, row: number, column: number): boolean {
    const at = row * features + column;
    if (!('numbers' in x)) return missing.number(x.data[at]!, x.data instanceof Float32Array);
    return isString[column]
      ? missing.string(x.strings[at]!)
      : missing.number(x.numbers[at]!, false);
  }

  function transform(x: Dense | Table): Dense | Sparse {
    checkCells(nonFinite, x, given);
    for (let row = 0; row < x.rows; row++) {
      for (const column of others) {
        if (!isMissing(x, row, column)) continue;
        const place = cellPath((x.firstRow ?? 0) + row, column, names);
        throw new NuthatchError('input-not-finite', place, 'missing, as it never was in training');
      }
    }
    const cells = x.rows * columns.length;
    if (!sparse) {
      const data = out.shape(x, Uint8Array);
      for (let i = 0; i < cells; i++) {
        const column = i % columns.length;
        data[i] = Number(isMissing(x, (i - column) / columns.length, columns[column]!));
      }
      return out.value;
    }
    const data = out.shapeSparse(x, Uint8Array, cells);
    const { indptr, indices } = out;
    let end = 0;
    for (let row = 0; row < x.rows; row++) {
      for (let i = 0; i < columns.length; i++) {
        if (!isMissing(x, row, columns[i]!)) continue;
        indices![end] = i;
        data[end++] = 1;
      }
      indptr![row + 1] = end;
    }
    return out.value;
  }
  return {
    gives: outputOf(node, given, '', Infinity),
    names: outNames,
    transform: transform as Transformer['transform'],
  };
}
