/** The sizes of a value's axes; null for the one that rows are along. */
export type Shape = readonly (number | null)[];

export const isMatrix = (shape: Shape): boolean => shape.length === 2 && shape[0] === null;

/** Cells of one row. */
export const sizeOf = (shape: Shape): number =>
  shape.reduce<number>((product, size) => product * (size ?? 1), 1);

/** How far apart neighbours along each axis are among the cells of one row, which are in C order. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(0);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    if (shape[axis] !== null) strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
}

/** For each cell of a row of this shape where `strides` lead from `start`. */
export function walk(shape: Shape, strides: readonly number[], start = 0): Uint32Array {
  let found = Uint32Array.of(start);
  shape.forEach((size, axis) => {
    if (size === null || size === 1) return;
    const next = new Uint32Array(found.length * size);
    for (let i = 0; i < next.length; i++)
      next[i] = found[Math.floor(i / size)]! + (i % size) * strides[axis]!;
    found = next;
  });
  return found;
}

/** The shape that two become together, sizes of 1 being repeated; null where they do not go together. */
export function broadcast(a: Shape, b: Shape): Shape | null {
  const length = Math.max(a.length, b.length);
  const at = (shape: Shape, axis: number) => shape[axis - length + shape.length];
  const sizes: (number | null)[] = [];
  for (let axis = 0; axis < length; axis++) {
    const one = at(a, axis);
    const other = at(b, axis);
    if (one === other || other === undefined || other === 1) sizes.push(one as number | null);
    else if (one === undefined || one === 1) sizes.push(other);
    else return null;
  }
  return sizes.filter((size) => size === null).length === 1 ? sizes : null;
}

/** For each cell of a larger shape the one of `from` that is repeated there. */
export function spread(from: Shape, to: Shape): Uint32Array {
  const own = stridesOf(from);
  const missing = to.length - from.length;
  const strides = to.map((_, axis) => {
    const size = axis < missing ? 1 : from[axis - missing];
    return size === 1 ? 0 : (own[axis - missing] ?? 0);
  });
  return walk(to, strides);
}

/** What becomes of a shape whose cells stay in order, of sizes as ONNX has them, or null for rows; null where rows would be others. */
export function reshape(shape: Shape, sizes: Shape): Shape | null {
  const rows = shape.indexOf(null);
  const before = sizeOf(shape.slice(0, rows));
  const after = sizeOf(shape.slice(rows + 1));
  const areRows = (size: number | null, axis: number) =>
    size === null || (size === 0 && shape[axis] === null);
  const copied = sizes.findIndex(areRows);
  const open = sizes.indexOf(-1);
  const at = copied >= 0 ? copied : open;
  const isWrong = (size: number | null, axis: number) =>
    size === null ? axis !== at : size < -1 || (size === -1 && axis !== open);
  if (at < 0 || sizes.some(isWrong)) return null;
  const own = sizes.map((size, axis) => (axis === at ? null : size === 0 ? shape[axis]! : size));
  const known = own.reduce<number>((product, size) => product * (size === -1 ? 1 : (size ?? 1)), 1);
  const found = own.map((size) => (size === -1 ? (before * after) / known : size));
  const fits =
    found.every((size) => size === null || (Number.isInteger(size) && size >= 1)) &&
    sizeOf(found.slice(0, at)) === before &&
    sizeOf(found.slice(at + 1)) === after;
  return fits ? found : null;
}
