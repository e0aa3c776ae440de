import { takePlace } from './reference-neighbors.js';

/**
 * What a node of kind `donors` makes of one row: part of the reference evaluator, written from formats/nut/SPEC.md alone.
 */

type Numbers = ArrayLike<number>;

/** Of less than eight terms, which are added in order. */
const total = (terms: readonly number[], single: boolean) =>
  terms.reduce((sum, term) => (single ? Math.fround(sum + term) : sum + term), 0);

/** The cells of a row; null where it is refused. */
export function fillFromDonors(
  map: Readonly<Record<string, unknown>>,
  x: readonly number[],
): number[] | null {
  const rows = map.rows as Numbers;
  const k = map.nearest as number;
  const width = x.length;
  const stored = Array.from({ length: rows.length / width }, (_, i) =>
    x.map((_, col) => rows[i * width + col]!),
  );
  const far = stored.map((y) => {
    const squares = x.flatMap((cell, i) => {
      const d = cell - y[i]!;
      return Number.isNaN(d) ? [] : [d * d];
    });
    if (squares.length === 0) return NaN;
    return Math.sqrt((squares.reduce((sum, one) => sum + one, 0) / squares.length) * width);
  });
  if (x.some(Number.isNaN) && far.includes(Infinity)) return null;
  const single = rows instanceof Float32Array;
  return x.map((cell, col) => {
    const has = stored.map((y) => !Number.isNaN(y[col]!));
    if (!has.includes(true)) return 0;
    if (!Number.isNaN(cell)) return cell;
    const places = Array.from({ length: k }, (): [number, number] => [Infinity, 0]);
    far.forEach((distance, i) => {
      if (has[i]) takePlace(places, distance, i);
    });
    const found = places.sort((a, b) => a[0] - b[0]).filter(([distance]) => distance < Infinity);
    if (found.length === 0) {
      const cells = stored.map((y) => y[col]! || 0);
      return total(cells, single) / has.filter(Boolean).length;
    }
    if (map.distant)
      far.forEach((distance, i) => {
        if (has[i] && Number.isNaN(distance) && found.length < k) found.push([NaN, i]);
      });
    const hits = found.some(([distance]) => distance === 0 || 1 / distance === Infinity);
    const weights = found.map(([distance]) => {
      if (map.weigh === 'uniform') return 1;
      return hits ? Number(1 / distance === Infinity) : 1 / distance;
    });
    const terms = found.map(([, i], at) => weights[at]! * stored[i]![col]!);
    return total(terms, false) / total(weights, false);
  });
}
