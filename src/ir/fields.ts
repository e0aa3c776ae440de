import { describeValue, refuse } from '../errors.js';
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
export type Floats = Float64Array | Float32Array;

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

/** One map of untrusted plain data, its place and what is allowed in it. */
export interface Fields {
  readonly map: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly limits: Rules;
}

/** Makes of the value at `path` what a validator takes; throws `invalid-model` naming the path where it is something else. */
export type Reader<T> = (value: unknown, path: string, limits: Rules) => T;

/** Throws `invalid-model` naming a place. */
export const invalid = (path: string, message: string): never =>
  refuse('invalid-model', path, message);

/** Throws `invalid-model` naming a field. */
export const fail = (f: Fields, name: string, message: string): never =>
  invalid(`${f.path}.${name}`, message);

/** The fields of what must be a map. */
export const fieldsOf = (map: unknown, path: string, limits: Rules): Fields =>
  map === null || typeof map !== 'object' || Array.isArray(map) || ArrayBuffer.isView(map)
    ? invalid(path, 'expected a map')
    : { map: map as Fields['map'], path, limits };

/** The raw value of a field, undefined when absent. Only own properties count. */
export const raw = ({ map }: Fields, name: string): unknown =>
  Object.hasOwn(map, name) ? map[name] : undefined;

/** What `reader` makes of a field. */
export const read = <T>(f: Fields, name: string, reader: Reader<T>): T =>
  reader(raw(f, name), `${f.path}.${name}`, f.limits);

type Readers = Readonly<Record<string, Reader<unknown>>>;
type Read<R> = R extends Reader<infer T> ? T : never;
type ReadAll<S, P> = { [K in keyof S]: Read<S[K]> } & {
  [K in keyof P]?: Exclude<Read<P[K]>, false>;
};

/** What readers make of the fields of their names, in this order. A field of `perhaps` is left out where it is absent, null or false. */
export function readAll<S extends Readers, P extends Readers = Record<never, never>>(
  f: Fields,
  readers: S,
  perhaps?: P,
): ReadAll<S, P> {
  const result: Record<string, unknown> = {};
  for (const name in readers) result[name] = read(f, name, readers[name]!);
  for (const name in perhaps) {
    const value = read(f, name, optional(perhaps[name]!));
    if (value !== null && value !== false) result[name] = value;
  }
  return result as ReadAll<S, P>;
}

/** `value`, if it is an integer from `min` to `max`. */
function expectInteger(value: unknown, min: number, max: number, path: string): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
    return value as number;
  const expected = min === max ? min : `an integer from ${min} to ${max}`;
  return invalid(path, `expected ${expected}, found ${describeValue(value)}`);
}

/** `value`, which is what a field holds or how much, if it is an integer from `min` to `max`. */
export const within = (f: Fields, name: string, value: unknown, min: number, max = min): number =>
  expectInteger(value, min, max, `${f.path}.${name}`);

export const integer =
  (min: number, max: number): Reader<number> =>
  (value, path) =>
    expectInteger(value, min, max, path);

/** An integer from 1 to a limit. */
export const upTo =
  (limit: 'classes' | 'features'): Reader<number> =>
  (value, path, limits) =>
    expectInteger(value, 1, limits[limit], path);

/** How many columns of raw scores or products a node has. */
export const readOutputs = (f: Fields): number => read(f, 'outputs', upTo('classes'));

export const text: Reader<string> = (value, path) =>
  typeof value === 'string' ? value : invalid(path, 'expected a string');

export const flag: Reader<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : invalid(path, 'expected a boolean');

export const oneOf =
  <T extends string>(...choices: readonly T[]): Reader<T> =>
  (value, path) =>
    choices.find((choice) => choice === value) ??
    invalid(path, `expected one of ${choices.join(', ')}, found ${describeValue(value)}`);

/** null where a field is absent or null. */
export const optional =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value, path, limits) =>
    (value ?? null) === null ? null : reader(value, path, limits);

/** What another field has made void: it is not looked at. */
export const absent: Reader<null> = () => null;

/** What `validate` makes of a map. */
export const map =
  <T>(validate: (f: Fields) => T): Reader<T> =>
  (value, path, limits) =>
    validate(fieldsOf(value, path, limits));

export const list =
  <T>(reader: Reader<T>): Reader<T[]> =>
  (value, path, limits) =>
    Array.isArray(value)
      ? value.map((one, i) => reader(one, `${path}[${i}]`, limits))
      : invalid(path, 'expected an array');

/** As `reader`, of `min` to `max` rows of `width` elements. */
export const sized =
  <T extends ArrayLike<unknown>>(reader: Reader<T>, min: number, max = min, width = 1): Reader<T> =>
  (value, path, limits) => {
    const values = reader(value, path, limits);
    expectInteger(values.length / width, min, max, path);
    return values;
  };

/** As `reader`, of elements none of which appears twice. */
export const unique =
  <T extends Iterable<unknown> & ArrayLike<unknown>>(reader: Reader<T>): Reader<T> =>
  (value, path, limits) => {
    const values = reader(value, path, limits);
    return new Set(values).size === values.length ? values : invalid(path, 'a value appears twice');
  };

/** Strings, none of them twice. */
export const names: Reader<string[]> = (...field) => unique(list(text))(...field);

/** As `reader`, of numbers that all are `what`. */
export const every =
  <T extends ArrayLike<number>>(
    reader: Reader<T>,
    what: string,
    fits: (value: number, i: number) => boolean,
  ): Reader<T> =>
  (value, path, limits) => {
    const values = reader(value, path, limits);
    for (let i = 0; i < values.length; i++)
      if (!fits(values[i]!, i)) invalid(`${path}[${i}]`, `expected ${what}, found ${values[i]}`);
    return values;
  };

/** A typed array of one of `types`; `length` is checked when given. */
export const tensor =
  <T extends ArrayType>(types: readonly T[], length?: number): Reader<ArrayOf<T>> =>
  (value, path) => {
    if (!types.some((type) => value instanceof arrayTypes[type]))
      invalid(path, `expected a tensor of ${types.join(' or ')}`);
    const array = value as ArrayOf<T>;
    if (length !== undefined) expectInteger(array.length, length, length, path);
    return array;
  };

export const uint32s = (length?: number): Reader<Uint32Array> => tensor(['uint32'], length);

export const float64s = (length?: number): Reader<Float64Array> => tensor(['float64'], length);

/** A loop of its own: a sixth of the time of `every`, and models hold millions of such. */
const finiteOf =
  <T extends 'float32' | 'float64'>(types: readonly T[], length?: number): Reader<ArrayOf<T>> =>
  (value, path, limits) => {
    const values = tensor(types, length)(value, path, limits);
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i]!))
        invalid(`${path}[${i}]`, `expected a finite number, found ${values[i]}`);
    return values;
  };

/** Finite numbers of type float64. */
export const finite = (length?: number): Reader<Float64Array> => finiteOf(['float64'], length);

/** As `reader`, of numbers none of which is below `least`. */
export const notBelow = <T extends ArrayLike<number>>(
  least: number,
  reader: Reader<T>,
): Reader<T> => every(reader, `a number from ${least} on`, (value) => value >= least);

/** As `reader`, of numbers that are all above 0. */
export const positive = <T extends ArrayLike<number>>(reader: Reader<T>): Reader<T> =>
  every(reader, 'a number above 0', (value) => value > 0);

/** Finite numbers of either type. */
export const floats = (length?: number): Reader<Floats> => finiteOf(['float64', 'float32'], length);

/** Indices below `bound`. */
export const indices = <T extends UintType = 'uint32'>(
  bound: number,
  types: readonly T[] = ['uint32' as T],
  length?: number,
): Reader<ArrayOf<T>> =>
  every(tensor(types, length), `an index below ${bound}`, (value) => value < bound);

/** Where each of `min` to `max` runs begins, and where the last one ends: ascending by `step` or more, from 0 to `end`. */
export const starts =
  (min: number, max: number, end: number, step = 0): Reader<Uint32Array> =>
  (value, path, limits) => {
    const values = sized(uint32s(), min + 1, max + 1)(value, path, limits);
    for (let i = 1; i < values.length; i++)
      if (values[i]! < values[i - 1]! + step) invalid(`${path}[${i}]`, 'not ascending');
    if (values[0] !== 0 || values[values.length - 1] !== end) invalid(path, `expected 0 to ${end}`);
    return values;
  };

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
      if (!(values[i]! >= last)) fail(f, `${name}[${i}]`, 'not ascending');
      last = values[i]!;
    }
  }
}
