import { describeValue, quote, refuse } from '../errors.js';
import type { Rules } from './limits.js';

/** The typed arrays that a model may hold. Their names are those of numpy's dtypes. */
export const arrayTypes = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type ArrayType = keyof typeof arrayTypes;
interface ArrayTypes {
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  int32: Int32Array;
  float32: Float32Array;
  float64: Float64Array;
}
export type ArrayOf<T extends ArrayType> = ArrayTypes[T];
export type TypedArray = ArrayOf<ArrayType>;
/** Array types whose elements are non-negative integers. */
export type UintArray = Uint8Array | Uint16Array | Uint32Array;
export const uintTypes = ['uint8', 'uint16', 'uint32'] as const;
export type UintType = (typeof uintTypes)[number];

export function arrayTypeOf(value: unknown): ArrayType | null {
  for (const name of Object.keys(arrayTypes) as ArrayType[]) {
    if (value instanceof arrayTypes[name]) return name;
  }
  return null;
}

/** The typed array of the narrowest unsigned type that holds `values`, all of them integers in [0, 2³²). */
export function narrowest(values: ArrayLike<number>): UintArray {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, values[i]!);
  if (max < 2 ** 8) return Uint8Array.from(values);
  return max < 2 ** 16 ? Uint16Array.from(values) : Uint32Array.from(values);
}

/**
 * Checked access to the fields of one map of untrusted plain data.
 *
 * Every getter returns a value of the stated type or throws `invalid-model` naming the field's path.
 */
export class Fields {
  readonly #map: Record<string, unknown>;
  readonly path: string;
  readonly limits: Rules;

  constructor(value: unknown, path: string, limits: Rules) {
    this.path = path;
    this.limits = limits;
    if (
      value === null ||
      typeof value !== 'object' ||
      Array.isArray(value) ||
      ArrayBuffer.isView(value)
    ) {
      refuse('invalid-model', path, 'expected a map');
    }
    this.#map = value as Record<string, unknown>;
  }

  fail(name: string, message: string): never {
    refuse('invalid-model', `${this.path}.${name}`, message);
  }

  /** The raw value of a field, undefined when absent. Only own properties count. */
  get(name: string): unknown {
    return Object.hasOwn(this.#map, name) ? this.#map[name] : undefined;
  }

  map(name: string): Fields {
    return new Fields(this.get(name), `${this.path}.${name}`, this.limits);
  }

  /** A list of maps. */
  maps(name: string): Fields[] {
    return this.list(name).map(
      (value, i) => new Fields(value, `${this.path}.${name}[${i}]`, this.limits),
    );
  }

  list(name: string): unknown[] {
    const value = this.get(name);
    return Array.isArray(value) ? value : this.fail(name, 'expected an array');
  }

  text(name: string, value = this.get(name)): string {
    return typeof value === 'string' ? value : this.fail(name, 'expected a string');
  }

  texts(name: string): string[] {
    return this.list(name).map((value, i) => this.text(`${name}[${i}]`, value));
  }

  /** A list of strings, none of them twice. */
  names(name: string): string[] {
    return this.unique(name, this.texts(name));
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.text(name);
    const found = choices.find((choice) => choice === value);
    return found ?? this.fail(name, `expected one of ${choices.join(', ')}, found ${quote(value)}`);
  }

  flag(name: string): boolean {
    const value = this.get(name);
    return typeof value === 'boolean' ? value : this.fail(name, 'expected a boolean');
  }

  integer(name: string, min: number, max: number): number {
    return this.within(name, this.get(name), min, max);
  }

  /** `value`, which is what the field holds or how much, if it is an integer from `min` to `max`. */
  within(name: string, value: unknown, min: number, max: number): number {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
      return value as number;
    const expected = min === max ? min : `an integer from ${min} to ${max}`;
    return this.fail(name, `expected ${expected}, found ${describeValue(value)}`);
  }

  /** A typed array of one of `types`; `length` is checked when given. */
  array<T extends ArrayType>(name: string, types: readonly T[], length?: number): ArrayOf<T> {
    const value = this.get(name);
    if (!types.some((type) => value instanceof arrayTypes[type]))
      this.fail(name, `expected a tensor of ${types.join(' or ')}`);
    const array = value as ArrayOf<T>;
    if (length !== undefined) this.within(name, array.length, length, length);
    return array;
  }

  /** As `array`, of finite numbers. */
  finite<T extends 'float32' | 'float64' = 'float64'>(
    name: string,
    length?: number,
    types: readonly T[] = ['float64' as T],
  ): ArrayOf<T> {
    const values = this.array(name, types, length);
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i]!))
        this.fail(`${name}[${i}]`, `expected a finite number, found ${values[i]}`);
    }
    return values;
  }

  /** As `array`, of indices below `bound`. */
  indices<T extends UintType = 'uint32'>(
    name: string,
    bound: number,
    types: readonly T[] = ['uint32' as T],
    length?: number,
  ): ArrayOf<T> {
    const values = this.array(name, types, length);
    for (let i = 0; i < values.length; i++)
      if (values[i]! >= bound) this.fail(`${name}[${i}]`, `${values[i]} of ${bound}`);
    return values;
  }

  /** Where each of `least` to `most` runs begins, and where the last one ends: ascending by `step` or more, from 0 to `end`. */
  starts(name: string, least: number, most: number, end: number, step = 0): Uint32Array {
    const values = this.array(name, ['uint32']);
    const count = this.within(name, values.length - 1, least, most);
    for (let i = 1; i <= count; i++)
      if (values[i]! < values[i - 1]! + step) this.fail(`${name}[${i}]`, 'not ascending');
    if (values[0] !== 0 || values[count] !== end) this.fail(name, `expected 0 to ${end}`);
    return values;
  }

  /** `values`, if there are any. */
  notEmpty<T extends ArrayLike<unknown>>(name: string, values: T): T {
    return values.length > 0 ? values : this.fail(name, 'expected at least one');
  }

  /** `values`, if none of them appears twice. */
  unique<T extends Iterable<unknown> & ArrayLike<unknown>>(name: string, values: T): T {
    return new Set(values).size === values.length
      ? values
      : this.fail(name, 'a value appears twice');
  }

  /** What `read`, one of these getters or a function of the field's name, makes of a field; null where it is absent or null. */
  optional<T, Rest extends unknown[]>(
    name: string,
    read: (this: this, name: string, ...rest: Rest) => T,
    ...rest: Rest
  ): T | null {
    return (this.get(name) ?? null) === null ? null : read.call(this, name, ...rest);
  }
}

/** Throws where the values of one of the runs that begin at `starts` descend, or one is NaN. */
export function expectAscending(
  f: Fields,
  name: string,
  values: Float64Array,
  starts: Uint32Array,
): void {
  for (let run = 0; run + 1 < starts.length; run++) {
    let last = -Infinity;
    for (let i = starts[run]!; i < starts[run + 1]!; i++) {
      if (!(values[i]! >= last)) f.fail(`${name}[${i}]`, 'not ascending');
      last = values[i]!;
    }
  }
}
