import { refuse } from '../errors.js';
import { cellPath, startOf, type Value } from '../input/dense.js';
import { type Impute, type Missing, type MissingMask, typeOfColumn } from '../ir/index.js';
import { floatsOf } from './buffer.js';
import type { CompileTransform } from './transformer.js';

/** The number that stands for a missing one, to float64 and to float32 cells; whether missing cells are; whether a string is. */
function compileMissing({ number, string }: Missing) {
  const double = number?.[0] ?? null;
  const gaps = Number.isNaN(double);
  return {
    double,
    single: double && Math.fround(double),
    gaps,
    isString: (value: string | null): boolean => (value === null ? gaps : value === string),
  };
}

export const compileImpute: CompileTransform<Impute> = (node, out) => {
  const { features, numbers, strings } = node;
  const { double, single, gaps, isString } = compileMissing(node.missing);
  return (x) => {
    const { data, indices } = x;
    const type = floatsOf(x);
    const to = out.shapeLike(x, type);
    const cells = startOf(x, x.rows);
    const sign = type === 'float32' ? single : double;
    for (let i = 0, next = 0; i < cells; i++) {
      const value = data[i]!;
      const col = indices ? indices[i]! : next;
      const missing = value === sign || (gaps && Number.isNaN(value));
      to[i] = missing && typeof strings?.[col] !== 'string' ? numbers[col]! : value;
      if (++next === features) next = 0;
    }
    for (let i = 0; x.strings && i < cells; i++) {
      const value = x.strings[i]!;
      out.strings![i] = isString(value) ? (strings?.[i % features] ?? null) : value;
    }
    return out;
  };
};

export const compileMissingMask: CompileTransform<MissingMask> = (node, out, given) => {
  const { features, columns, refuseOthers } = node;
  const { double, single, gaps, isString } = compileMissing(node.missing);
  const others = Array.from({ length: features }, (_, col) => col).filter(
    (col) => refuseOthers && !columns.includes(col),
  );
  function isMissing({ data, strings }: Value, row: number, col: number): boolean {
    const at = row * features + col;
    if (typeOfColumn(given, col) === 'string') return isString(strings![at]!);
    const value = data[at]!;
    return gaps ? Number.isNaN(value) : value === (data instanceof Float32Array ? single : double);
  }
  return (x) => {
    out.begin(x, 'uint8');
    for (let row = 0; row < x.rows; row++) {
      for (const col of others) {
        if (!isMissing(x, row, col)) continue;
        const place = cellPath((x.firstRow ?? 0) + row, col, x.names);
        refuse('input-not-finite', place, 'missing, as it never was in training');
      }
      for (let i = 0; i < columns.length; i++) out.put(i, Number(isMissing(x, row, columns[i]!)));
      out.next();
    }
    return out;
  };
};
