import { startOf } from '../input/dense.js';
import type { Select } from '../ir/index.js';
import { typeOf } from './buffer.js';
import type { CompileTransform } from './transformer.js';

/** Chooses columns of any value. Those of a table that are all numbers become a matrix, float32 where all of them are. */
export const compileSelect: CompileTransform<Pick<Select, 'columns'>> = (
  { columns },
  out,
  given,
) => {
  // For each column of compressed rows, where it goes.
  const places: number[][] = [];
  if (given.kind === 'sparse')
    columns.forEach((column, i) => {
      places[column] = [...(places[column] ?? []), i];
    });
  return (x) => {
    const { singles, strings, cols } = x;
    out.singles = singles ? Array.from(columns, (column) => singles[column]!) : null;
    const type = out.singles?.every(Boolean) && !out.strings ? 'float32' : typeOf(x);
    out.begin(x, type, x.indptr && startOf(x, x.rows) * columns.length);
    for (let row = 0; row < x.rows; row++) {
      const start = startOf(x, row);
      if (x.indices) {
        for (let i = start; i < startOf(x, row + 1); i++)
          for (const place of places[x.indices[i]!] ?? []) out.put(place, x.data[i]!);
      } else {
        for (let i = 0; i < columns.length; i++) {
          const at = row * cols + columns[i]!;
          out.put(i, x.data[at]!);
          if (out.strings) out.putString(i, strings![at]!);
        }
      }
      out.next();
    }
    return out;
  };
};
