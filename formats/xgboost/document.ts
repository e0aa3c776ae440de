import { quote } from '../../src/errors.js';
import { malformed } from '../json/json.js';

/** Arrays of numbers of one type, as UBJSON has them. */
export type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** What a file in JSON or UBJSON holds. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Numbers
  | Value[]
  | { readonly [key: string]: Value };
export type ValueMap = { readonly [key: string]: Value };

export const isMap = (value: Value | undefined): value is ValueMap =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !isNumbers(value);

const isNumbers = (value: Value | undefined): value is Numbers => ArrayBuffer.isView(value);

/** An own property: inherited names mean nothing here. */
export const own = (map: ValueMap, key: string): Value | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined;

export function mapOf(map: ValueMap, key: string, path: string): ValueMap {
  const value = own(map, key);
  return isMap(value) ? value : fail(path, key, 'an object');
}

export function textOf(map: ValueMap, key: string, path: string): string {
  const value = own(map, key);
  return typeof value === 'string' ? value : fail(path, key, 'a string');
}

/** A number that is written as text, from 0 to `most`; `otherwise` where it is not there. */
export function integerOf(
  map: ValueMap,
  key: string,
  most: number,
  path: string,
  otherwise?: number,
): number {
  const value = own(map, key);
  if (value === undefined && otherwise !== undefined) return otherwise;
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  return number <= most ? number : fail(path, key, `an integer from 0 to ${most}, as text`);
}

/** Numbers, `count` of them if that is given. Booleans count: versions before 1.3 had them for 0 and 1; null is NaN, which splits by category have as a threshold. */
export function numbersOf(
  map: ValueMap,
  key: string,
  path: string,
  count?: number,
): ArrayLike<number> {
  const value = own(map, key);
  if (!isNumbers(value) && !Array.isArray(value)) return fail(path, key, 'an array');
  if (count !== undefined && value.length !== count)
    return fail(path, key, `${count} numbers, found ${value.length}`);
  if (isNumbers(value)) return value;
  return Float64Array.from(value, (one, i) => {
    if (one === null) return Number.NaN;
    return typeof one === 'number' || typeof one === 'boolean'
      ? Number(one)
      : fail(path, `${key}[${i}]`, 'a number');
  });
}

/** The same, of integers from `least` to `most`. */
export function integersOf(
  map: ValueMap,
  key: string,
  path: string,
  least: number,
  most: number,
  count?: number,
): ArrayLike<number> {
  const values = numbersOf(map, key, path, count);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(Number.isInteger(value) && value >= least && value <= most))
      fail(path, `${key}[${i}]`, `an integer from ${least} to ${most}, found ${value}`);
  }
  return values;
}

export function listOf(map: ValueMap, key: string, path: string): readonly Value[] {
  const value = own(map, key);
  // UBJSON has no type for an array without elements.
  if (isNumbers(value) && value.length === 0) return [];
  return Array.isArray(value) ? value : fail(path, key, 'an array');
}

export function textsOf(map: ValueMap, key: string, path: string): readonly string[] {
  if (own(map, key) === undefined) return [];
  return listOf(map, key, path).map((one, i) =>
    typeof one === 'string' ? one : fail(path, `${key}[${i}]`, 'a string'),
  );
}

function fail(path: string, key: string, expected: string): never {
  throw malformed(path, `expected ${expected} as ${quote(key)}`);
}
