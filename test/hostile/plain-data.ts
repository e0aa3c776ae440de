/** Plain data, as JSON and MessagePack headers are made of, and copies of it with one place changed. */

export type Path = readonly (string | number)[];

/** The paths of all values: keys and indices from the root on. */
export function* places(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (value === null || typeof value !== 'object') return;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value))
    yield* places((value as Record<string | number, unknown>)[key], [...path, key]);
}

export function at(value: unknown, path: Path): unknown {
  return path.reduce((part, key) => (part as Record<string | number, unknown>)[key], value);
}

/** A copy with another value at `path`, without it where `by` is undefined; the parts beside the path are shared. */
export function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const remove = rest.length === 0 && by === undefined;
  if (Array.isArray(value)) {
    const copy = [...value];
    if (remove) copy.splice(key as number, 1);
    else copy[key as number] = replaced(copy[key as number], rest, by);
    return copy;
  }
  const entries = Object.entries(value as object).filter(([name]) => !(remove && name === key));
  return Object.fromEntries(
    entries.map(([name, item]) => [name, name === key ? replaced(item, rest, by) : item]),
  );
}

export type Numbers =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** All typed arrays in plain data, with their paths. */
export function arraysIn(model: object): [path: (string | number)[], array: Numbers][] {
  const found: [(string | number)[], Numbers][] = [];
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (ArrayBuffer.isView(value)) found.push([path, value as Numbers]);
    else if (Array.isArray(value))
      for (const [i, item] of value.entries()) visit(item, [...path, i]);
    else if (value !== null && typeof value === 'object')
      for (const key of Object.keys(value))
        visit((value as Record<string, unknown>)[key], [...path, key]);
  };
  visit(model, []);
  return found;
}
