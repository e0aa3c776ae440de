import { NuthatchError, quote } from '../../src/errors.js';

/** Parsed JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonMap = { [key: string]: Json };

/** An own property: inherited names mean nothing here. */
export function own(map: JsonMap, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

export function text(map: JsonMap, key: string, path: string): string {
  const value = own(map, key);
  if (typeof value !== 'string') throw malformed(path, `expected a string as ${quote(key)}`);
  return value;
}

export function list(map: JsonMap, key: string, path: string): Json[] {
  const value = own(map, key);
  if (!Array.isArray(value)) throw malformed(path, `expected an array as ${quote(key)}`);
  return value;
}

export function malformed(path: string, message: string): NuthatchError {
  return new NuthatchError('malformed', path, message);
}

export function isLength(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A list of non-negative integers, such as a shape. */
export function readLengths(map: JsonMap, key: string, path: string): number[] {
  const lengths = list(map, key, path);
  if (!lengths.every(isLength))
    throw malformed(path, `expected non-negative integers as ${quote(key)}`);
  return lengths;
}
