import { refuse } from '../errors.js';
import { cellPath, type Value } from '../input/dense.js';
import { type Impute, type Missing, type MissingMask, typeOfColumn } from '../ir/index.js';
import { floatsOf } from './buffer.js';
import type { CompileTransform } from './transformer.js';

/** Whether a number is missing, and whether a cell of a column of strings is. */
function compileMissing({ number, string }: Missing) {
  const double = number?.[0];
  const gaps = Number.isNaN(double);
  const single = double === undefined ? double : Math.fround(double);
  return {
    isNumber: (value: number, isSingle: boolean): boolean =>
      gaps ? Number.isNaN(value) : value === (isSingle ? single : double),
    isString: (value: string | null): boolean => (value === null ? gaps : value === string),
  };
}

export const compileImpute: CompileTransform<Impute> = (node, out) => {
  const { features, numbers, strings } = node;
  const { isNumber, isString } = compileMissing(node.missing);
  const change = (single: boolean) => (value: number, col: number) =>
    isNumber(value, single) && typeof strings?.[col] !== 'string' ? numbers[col]! : value;
  const [double, single] = [change(false), change(true)];
  return (x) => {
    const type = floatsOf(x);
    out.map(x, type, type === 'float32' ? single : double);
    for (let i = 0; x.strings && i < x.rows * features; i++) {
      const value = x.strings[i]!;
      out.strings![i] = isString(value) ? (strings?.[i % features] ?? null) : value;
    }
    return out;
  };
};

export const compileMissingMask: CompileTransform<MissingMask> = (node, out, given) => {
  const { features, columns, refuseOthers } = node;
  const { isNumber, isString } = compileMissing(node.missing);
  const others = Array.from({ length: features }, (_, col) => col).filter(
    (col) => refuseOthers && !columns.includes(col),
  );
  function isMissing({ data, strings }: Value, row: number, col: number): boolean {
    const at = row * features + col;
    return typeOfColumn(given, col) === 'string'
      ? isString(strings![at]!)
      : isNumber(data[at]!, data instanceof Float32Array);
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
