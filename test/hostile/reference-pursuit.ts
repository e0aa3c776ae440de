import { numbersOf, Refused, type Row } from './reference-values.js';

type Map = Readonly<Record<string, unknown>>;

/** Orthogonal matching pursuit, by Gaussian elimination where the library has a factor that grows. */
export function pursue(node: Map, row: Row): Row {
  const { features, outputs, nonzeros, nonFinite } = node as Record<string, number>;
  const x = numbersOf(row);
  if ((nonFinite as unknown) !== 'any' && x.some((value) => !Number.isFinite(value)))
    if ((nonFinite as unknown) === 'refuse' || x.some((value) => Math.abs(value) === Infinity))
      throw new Refused('not taken');
  const single = row.type === 'float32';
  const atoms = Array.from({ length: outputs! }, (_, k) =>
    Array.from((node.atoms as Float64Array).slice(k * features!, (k + 1) * features!)),
  );
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const round = single || node.atoms instanceof Float32Array ? Math.fround : Number;
  const gram = atoms.map((a) => atoms.map((b) => round(dot(a, b))));
  const b = atoms.map((atom) => dot(atom, x));
  const least = single ? 2 ** -23 : 2 ** -52;
  const order = atoms.map((_, k) => k);
  let left = b;
  let cells = b.map(() => 0);
  for (let count = 0; count < nonzeros!; count++) {
    const sizes = order.map((k) => Math.abs(left[k]!));
    const place = sizes.reduce((best, size, i) => (size > sizes[best]! ? i : best), 0);
    const atom = order[place]!;
    if (place < count || left[atom]! ** 2 < least) break;
    const before = order.slice(0, count);
    const own = before.map((k) => gram[atom]![k]!);
    const inside = before.map((k) => before.map((l) => gram[k]![l]!));
    if (count > 0 && gram[atom]![atom]! - dot(own, solve(inside, own)) <= least) break;
    order[place] = order[count]!;
    order[count] = atom;
    const chosen = order.slice(0, count + 1);
    const amounts = solve(
      chosen.map((k) => chosen.map((l) => gram[k]![l]!)),
      chosen.map((k) => b[k]!),
    );
    left = b.map(
      (value, k) =>
        value -
        dot(
          amounts,
          chosen.map((l) => gram[k]![l]!),
        ),
    );
    cells = b.map(() => 0);
    chosen.forEach((k, i) => {
      cells[k] = amounts[i]!;
    });
  }
  const type = single ? 'float32' : 'float64';
  const places = cells.map((_, i) => i);
  return {
    sort: 'dense',
    type,
    width: cells.length,
    cells: single ? cells.map(Math.fround) : cells,
    places,
  };
}

function solve(matrix: readonly (readonly number[])[], values: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, values[i]!]);
  const { length } = rows;
  for (let column = 0; column < length; column++) {
    for (let row = column + 1; row < length; row++) {
      const factor = rows[row]![column]! / rows[column]![column]!;
      for (let k = column; k <= length; k++) rows[row]![k]! -= factor * rows[column]![k]!;
    }
  }
  const result = new Array<number>(length).fill(0);
  for (let row = length - 1; row >= 0; row--) {
    let sum = rows[row]![length]!;
    for (let k = row + 1; k < length; k++) sum -= rows[row]![k]! * result[k]!;
    result[row] = sum / rows[row]![row]!;
  }
  return result;
}
