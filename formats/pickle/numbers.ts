import type { Cursor } from '../python/cursor.js';
import type { PyValue } from '../sklearn/python.js';
import { readLatin1 } from './texts.js';

/** As many as an export has. */
const mostDigits = 1000;
/** Bytes of an integer of so many digits. */
const mostBytes = 416;

const exact = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** Two's complement, little-endian, of any length. */
export function readLong(cursor: Cursor, length: number): number | bigint {
  if (length > mostBytes) throw cursor.malformed(`an integer of ${length} bytes`);
  const bytes = cursor.take(length);
  let digits = '0x0';
  for (let i = length - 1; i >= 0; i--) digits += bytes[i]!.toString(16).padStart(2, '0');
  return exact(BigInt.asIntN(length * 8, BigInt(digits)));
}

/** A line with an integer; protocol 0 also writes booleans so. */
export function readIntLine(cursor: Cursor): PyValue {
  const text = readLatin1(cursor.line());
  if (text === '00' || text === '01') return text === '01';
  const digits = text.replace(/L$/, '');
  if (digits.length > mostDigits || !/^\s*[-+]?\d+\s*$/.test(digits))
    throw cursor.malformed('a line that is no integer');
  return exact(BigInt(digits.trim().replace(/^\+/, '')));
}

/** A line with what Python's `repr` makes of a float. */
export function readFloatLine(cursor: Cursor): number {
  const text = readLatin1(cursor.line()).trim();
  const named: Record<string, number> = {
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
    nan: Number.NaN,
    '-nan': Number.NaN,
  };
  if (Object.hasOwn(named, text)) return named[text]!;
  if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text))
    throw cursor.malformed('a line that is no float');
  return Number(text);
}
