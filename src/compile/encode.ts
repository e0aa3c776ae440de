import { quote, refuse } from '../errors.js';
import { cellPath, type Value } from '../input/dense.js';
import type { Categories, Encode, OneHot } from '../ir/index.js';
import { floatsOf } from './buffer.js';
import type { CompileTransform } from './transformer.js';

/** The code of the cell in column `col`; −1 where it is in no category. */
function compileLookup(categories: readonly Categories[]) {
  const tables = categories.map(({ strings, numbers, missing }) => {
    const known: ArrayLike<string | number> = strings ?? numbers!;
    return {
      codes: new Map(Array.from(known, (value, code) => [value, code])),
      gap: missing ? known.length : -1,
      texts: strings !== null,
    };
  });
  return ({ data, strings, cols }: Value, row: number, col: number): number => {
    const { codes, gap, texts } = tables[col]!;
    const at = row * cols + col;
    const value = texts ? strings![at]! : data[at]!;
    return value === null || Number.isNaN(value) ? gap : (codes.get(value) ?? -1);
  };
}

function refuseUnknown(
  { data, strings, cols, names, firstRow = 0 }: Value,
  row: number,
  col: number,
): never {
  const at = row * cols + col;
  const value = strings?.[at];
  refuse(
    'input-category',
    cellPath(firstRow + row, col, names),
    `${typeof value === 'string' ? quote(value) : data[at]} is no category that this model knows`,
  );
}

export const compileEncode: CompileTransform<Encode> = ({ width, columns, type }, out) => {
  const lookup = compileLookup(columns);
  return (x) => {
    out.begin(x, type);
    for (let row = 0; row < x.rows; row++) {
      columns.forEach(({ values, unknown }, col) => {
        const code = lookup(x, row, col);
        const from = code === -1 ? (unknown ?? refuseUnknown(x, row, col)) : values;
        const start = code === -1 ? 0 : code * width;
        for (let i = 0; i < width; i++) out.put(col * width + i, from[start + i]!);
      });
      out.next();
    }
    return out;
  };
};

export const compileOneHot: CompileTransform<OneHot> = ({ columns, type }, out) => {
  const lookup = compileLookup(columns);
  return (x) => {
    out.begin(x, type ?? floatsOf(x));
    for (let row = 0; row < x.rows; row++) {
      let first = 0;
      for (let col = 0; col < columns.length; col++) {
        const { marks, unknown, width } = columns[col]!;
        const code = lookup(x, row, col);
        const mark = code === -1 ? (unknown ?? refuseUnknown(x, row, col)) : marks[code]!;
        if (mark !== -1) out.put(first + mark, 1);
        first += width;
      }
      out.next();
    }
    return out;
  };
};
