import { quote, refuse } from '../errors.js';
import { placeOf } from '../input/dense.js';
import { type Encode, encodeRules, typeOfColumn } from '../ir/index.js';
import { floatsOf } from './buffer.js';
import type { NodeKind } from './kind.js';

export const encode: NodeKind<Encode> = {
  rules: encodeRules,
  transform: ({ columns, type }, out, given) => {
    const tables = columns.map(({ strings, numbers, missing, unknown, ...column }, col) => {
      const known: ArrayLike<string | number> = strings ?? numbers ?? [];
      return {
        ...column,
        holdsStrings: typeOfColumn(given, col) === 'string',
        codes: new Map(Array.from(known, (value, code) => [value, code])),
        gap: missing ? known.length : -1,
        other: unknown ? known.length + Number(missing) : -1,
      };
    });
    return (x) => {
      const { data, strings, cols } = x;
      out.begin(x, type ?? floatsOf(x));
      for (let row = 0; row < x.rows; row++) {
        let first = 0;
        for (let col = 0; col < cols; col++) {
          const { holdsStrings, codes, gap, other, width, values, marks } = tables[col]!;
          const at = row * cols + col;
          const cell = holdsStrings ? (strings![at] as string | null) : data[at]!;
          const isGap = cell === null || Number.isNaN(cell);
          const code = isGap ? gap : (codes.get(cell) ?? other);
          if (code < 0) {
            const what = isGap ? 'a missing value' : typeof cell === 'string' ? quote(cell) : cell;
            const place = placeOf(x, row, col);
            // Where others are taken, it is missing cells that are refused.
            const refused = other < 0 ? 'input-category' : 'input-not-finite';
            refuse(refused, place, `${what} is not known to the model`);
          }
          if (values) for (let i = 0; i < width; i++) out.put(first + i, values[code * width + i]!);
          else if (marks![code]! >= 0) out.put(first + marks![code]!, 1);
          first += width;
        }
        out.next();
      }
      return out;
    };
  },
};
