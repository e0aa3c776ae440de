import type { Dense, Names, Sparse, Table, Value } from '../input/dense.js';
import { typeOfPart, type ValueType } from '../ir/index.js';
import { MatrixBuffer, resultArrays, TableBuffer } from './buffer.js';
import type { Transformer } from './transformer.js';

/** Chooses columns of any value; those of a table that are all numbers become a matrix. */
export function compileSelect(columns: Uint32Array, given: ValueType, names: Names): Transformer {
  const cols = columns.length;
  const chosen = names && Array.from(columns, (column) => names[column]!);
  const gives = typeOfPart(columns, given);
  const out = new MatrixBuffer(cols, chosen);
  const table = new TableBuffer(cols, chosen);
  return {
    gives,
    names: chosen,
    transform: {
      dense: (x: Dense) => selectDense(x),
      sparse: selectSparse(),
      columns: gives.kind === 'columns' ? selectTable : selectNumbers,
      text: selectDense,
    }[given.kind] as Transformer['transform'],
  };

  function selectDense(x: Dense): Value {
    const data = out.shape(x, x.data.constructor as typeof Float64Array);
    copyCells(x.data, x, data);
    return out.value;
  }

  function copyCells<T>(
    from: ArrayLike<T>,
    { rows, cols: width }: Value,
    to: { [at: number]: T },
  ): void {
    for (let row = 0, at = 0; row < rows; row++) {
      for (let i = 0; i < cols; i++) to[at++] = from[row * width + columns[i]!]!;
    }
  }

  /** float32 where all columns are. */
  function selectNumbers(x: Table): Value {
    const { singles } = x;
    const single = singles !== null && columns.every((column) => singles[column]);
    copyCells(x.numbers, x, out.shape(x, resultArrays[single ? 'float32' : 'float64']));
    return out.value;
  }

  function selectTable(x: Table): Table {
    const { singles } = x;
    table.shape(x);
    table.singles = singles && Array.from(columns, (column) => singles[column]!);
    copyCells(x.numbers, x, table.numbers);
    copyCells(x.strings, x, table.strings);
    return table;
  }

  function selectSparse(): (x: Sparse) => Value {
    // For each column of the input, where it goes.
    const places = Array.from(
      { length: given.kind === 'sparse' ? given.columns : 0 },
      () => [] as number[],
    );
    if (given.kind === 'sparse') for (let i = 0; i < cols; i++) places[columns[i]!]!.push(i);
    return (x) => {
      let cells = 0;
      for (let i = 0; i < x.indptr[x.rows]!; i++) cells += places[x.indices[i]!]!.length;
      const data = out.shapeSparse(x, x.data.constructor as typeof Float64Array, cells);
      let end = 0;
      for (let row = 0; row < x.rows; row++) {
        for (let i = x.indptr[row]!; i < x.indptr[row + 1]!; i++) {
          for (const place of places[x.indices[i]!]!) {
            out.indices![end] = place;
            data[end++] = x.data[i]!;
          }
        }
        out.indptr![row + 1] = end;
      }
      return out.value;
    };
  }
}
