import { type Neighbors, neighborColumns, storedRows } from '../ir/index.js';
import { ulpOf } from '../math/ulp.js';
import { compileSearch } from './neighbor-search.js';
import { compileDistance } from './row-distance.js';

/** The neighbours of a row, and how certain it is who they are. */
export interface Around {
  /** Distances to all stored rows, and how far each may be off. */
  readonly far: Float64Array;
  readonly off: Float64Array;
  /** Stored rows that are neighbours, nearest first. */
  readonly chosen: readonly number[];
  /** Stored rows that are neighbours in one correct evaluation and not in another. */
  readonly doubtful: readonly number[];
  /** Whether others may find neighbours in another order. */
  readonly unordered: boolean;
}

/**
 * How far what becomes of rows [rows × features], whose cells may be off by `error`, may lie from ours; null where it is the same in every correct evaluation.
 *
 * Squares of distances that come of dot products are off by (8 + √n)·2⁻⁵³·(‖x‖² + 2Σ|xᵢyᵢ| + ‖y‖²), and not at all where all numbers are integers. A distance
 * moves by no more than the row does. Where that decides about who is a neighbour, what all choices may make is the bound.
 */
export function boundNeighbors(
  node: Neighbors,
  cells: Float64Array,
  error: Float64Array | null,
  single: boolean,
): Float64Array | null {
  const { features } = node;
  const columns = neighborColumns(node);
  const result = new Float64Array((cells.length / features) * columns);
  const look = compileLook(node, single);
  const bound = bounds[node.combine];
  for (let from = 0, at = 0; from < cells.length; from += features, at += columns) {
    const row = cells.subarray(from, from + features);
    const around = look(row, error?.subarray(from, from + features) ?? null);
    bound(node, around, result.subarray(at, at + columns));
  }
  return result.every((one) => one === 0) ? null : result;
}

function compileLook(
  node: Neighbors,
  single: boolean,
): (row: Float64Array, error: Float64Array | null) => Around {
  const { features, nearest, radius, source, metric } = node;
  const rows = Float64Array.from(node.rows);
  const areSingle = node.rows instanceof Float32Array;
  // scikit-learn sorts distances in parts, too, where rows are of another type than those stored.
  const parts = source === 'partition' || (!node.tree && single !== areSingle);
  const { reduced, toDistance } = compileDistance(node, single && areSingle && source === 'exact');
  const search = compileSearch(node, single, true);
  const zeros = new Float64Array(features);
  const lengthOf = (error: Float64Array): number =>
    metric === 'cosine'
      ? Math.sqrt(error.reduce((sum, one) => sum + one * one, 0))
      : toDistance(reduced(error, zeros, 0, features, Infinity));
  const moves = metric !== 'canberra' && metric !== 'braycurtis';
  /** Of float32 rows that are sorted in parts, distances are float32. */
  const unit = single && areSingle && parts ? 2 ** -24 : 0;

  return (row, error) => {
    const moved = !error?.some((one) => one > 0) ? 0 : moves ? lengthOf(error) : Infinity;
    const far = new Float64Array(storedRows(node));
    const off = far.map((_, i) => {
      const stored = rows.subarray(i * features, (i + 1) * features);
      const least = reduced(row, stored, 0, features, Infinity);
      far[i] = toDistance(least);
      // Of rows of length 1: a product, and what rounded their lengths.
      if (metric === 'cosine') return moved + (16 + 2 * Math.sqrt(features)) * 2 ** -53;
      if (metric === 'minkowski') return moved + 4 * ulpOf(far[i]!);
      if (metric !== 'euclidean' || (source === 'exact' && !parts)) return moved;
      const square = squareError(row, stored) + unit * least;
      // The steeper side of the root; all of it where the square may be 0.
      const low = least > square ? far[i]! - Math.sqrt(least - square) : Math.sqrt(least + square);
      return moved + low + (square > 0 ? 2 : 0) * ulpOf(far[i]!);
    });
    const chosen = Array.from(search.indices.subarray(0, search.find(row)));
    const doubtful =
      nearest === null
        ? Array.from(far.keys()).filter(
            (i) => off[i]! > 0 && Math.abs(far[i]! - radius![0]!) <= off[i]!,
          )
        : doubtsOf(far, off, new Set(chosen), parts);
    const unordered = chosen.some(
      (i, at) => off[i]! > 0 || (at > 0 && far[i] === far[chosen[at - 1]!]),
    );
    return { far, off, chosen, doubtful, unordered };
  };
}

/** Neighbours that others may come before, and those others. Of rows that are exactly as far away the choice is known, unless they are sorted in parts. */
export function doubtsOf(
  far: Float64Array,
  off: Float64Array,
  chosen: ReadonlySet<number>,
  parts: boolean,
): number[] {
  const most = (i: number) => far[i]! + off[i]!;
  const least = (i: number) => far[i]! - off[i]!;
  let last = 0;
  let next = Infinity;
  far.forEach((_, i) => {
    if (chosen.has(i)) last = Math.max(last, most(i));
    else next = Math.min(next, least(i));
  });
  const isBefore = (a: number, b: number) => a < b || (parts && a === b);
  return Array.from(far.keys()).filter((i) =>
    chosen.has(i) ? isBefore(next, most(i)) : isBefore(least(i), last),
  );
}

/** Nothing where all products and sums are integers that float64 has. */
function squareError(x: Float64Array, y: Float64Array): number {
  let size = 0;
  let whole = true;
  for (let i = 0; i < x.length; i++) {
    const both = Math.abs(x[i]!) + Math.abs(y[i]!);
    size += both * both;
    whole &&= Number.isInteger(x[i]) && Number.isInteger(y[i]);
  }
  return whole && size < 2 ** 53 ? 0 : (8 + Math.sqrt(x.length)) * 2 ** -53 * size;
}

type Means = Pick<Neighbors, 'targets' | 'weigh' | 'empty'>;
type Bound = (node: Neighbors, around: Around, out: Float64Array) => void;

const bounds: { readonly [C in Neighbors['combine']]: Bound } = {
  shares(node, around, out) {
    if (around.doubtful.length > 0) out.fill(1);
    if (around.doubtful.length > 0 || node.weigh === 'uniform') return;
    const outputs = node.widths!.length;
    const boundOf = boundNearHits(around);
    if (boundOf) {
      let column = 0;
      node.widths!.forEach((width, k) => {
        for (let one = 0; one < width; one++)
          out[column++] = boundOf((i) => Number(node.classes![i * outputs + k] === one));
      });
      return;
    }
    const { weights, errors, sum } = weightsOf(around);
    // scikit-learn chooses a class by sums that it adds up pairwise, which is another order from eight neighbours on.
    const unordered = around.unordered || around.chosen.length >= 8;
    const rounding = roundingOf({ ...around, unordered });
    const whole = errors.reduce((all, one) => all + one, 0) / sum;
    let first = 0;
    node.widths!.forEach((width, k) => {
      around.chosen.forEach((i, at) => {
        const to = first + node.classes![i * outputs + k]!;
        out[to]! += errors[at]! / sum + (weights[at]! / sum) * (whole + rounding);
      });
      first += width;
    });
  },

  means: boundMeans,

  sums({ targets }, around, out) {
    out.forEach((_, k) => {
      const sizeOf = (i: number) => Math.abs(targets![i * out.length + k]!);
      for (const i of around.chosen) out[k]! += roundingOf(around) * sizeOf(i);
      for (const i of around.doubtful) out[k]! += (1 + 2 ** -40) * sizeOf(i);
    });
  },

  connectivity(_node, { doubtful }, out) {
    for (const i of doubtful) out[i] = 1;
  },

  distances(_node, { chosen, doubtful, far, off }, out) {
    for (const i of chosen) out[i] = off[i]!;
    for (const i of doubtful) out[i] = far[i]! + off[i]!;
  },

  'outlier-factor'({ targets }, around, out) {
    const { chosen, doubtful, far, off } = around;
    if (doubtful.length > 0) {
      out.fill(Infinity);
      return;
    }
    const unit = targets instanceof Float32Array ? 2 ** 29 : 1;
    const count = chosen.length;
    let reach = 1e-10;
    let moved = 0;
    let density = 0;
    for (const i of chosen) {
      reach += Math.max(far[i]!, targets![2 * i]!) / count;
      moved += off[i]! / count;
      density += Math.abs(targets![2 * i + 1]!) / count;
    }
    out[0] = density * (moved + 4 * unit * roundingOf(around) * reach);
  },
};

/** How far weighted means of neighbours' targets may be off. */
export function boundMeans(node: Means, around: Around, out: Float64Array): void {
  if (around.doubtful.length > 0) {
    out.forEach((_, k) => {
      out[k] = spanOf(node, k, out.length);
    });
    return;
  }
  const boundOf = node.weigh === 'distance' ? boundNearHits(around) : null;
  if (boundOf) {
    for (let k = 0; k < out.length; k++)
      out[k] = boundOf((i) => node.targets![i * out.length + k]!);
    return;
  }
  const { weights, errors, sum } =
    node.weigh === 'distance' ? weightsOf(around) : equalWeights(around);
  const isFloat32 = node.weigh === 'uniform' && node.targets instanceof Float32Array;
  const unit = roundingOf(around) * (isFloat32 ? 2 ** 29 : 1);
  for (let k = 0; k < out.length; k++) {
    const targets = around.chosen.map((i) => node.targets![i * out.length + k]!);
    const mean = targets.reduce((all, one, at) => all + one * weights[at]!, 0) / sum;
    targets.forEach((one, at) => {
      out[k]! += (errors[at]! * Math.abs(one - mean) + unit * weights[at]! * Math.abs(one)) / sum;
    });
  }
}

/** How far apart means of any neighbours may lie. Not more: what is computed of such means is bounded, too. */
function spanOf(node: Means, k: number, outputs: number): number {
  let least = node.empty?.[k] ?? Infinity;
  let most = node.empty?.[k] ?? -Infinity;
  for (let i = k; i < node.targets!.length; i += outputs) {
    least = Math.min(least, node.targets![i]!);
    most = Math.max(most, node.targets![i]!);
  }
  // float32 means are rounded by more.
  const unit = node.targets instanceof Float32Array ? 2 ** -16 : 2 ** -40;
  return most - least + unit * Math.max(Math.abs(least), Math.abs(most));
}

/** Of sums in another order, relative. */
const roundingOf = ({ chosen, unordered }: Around): number =>
  unordered ? 2 * chosen.length * 2 ** -53 : 0;

interface Weights {
  readonly weights: readonly number[];
  readonly errors: readonly number[];
  readonly sum: number;
}

function weightsOf({ chosen, far, off }: Around): Weights {
  const isHit = chosen.some((i) => far[i] === 0);
  const weights = chosen.map((i) => (isHit ? Number(far[i] === 0) : 1 / far[i]!));
  const sum = weights.reduce((all, one) => all + one, 0);
  const errors = chosen.map((i, at) =>
    off[i] === 0 ? 0 : (weights[at]! * off[i]!) / (far[i]! - off[i]!),
  );
  return { weights, errors, sum };
}

/**
 * How far a mean of neighbours' values, weighted by distance, may be off where a distance may be 0 or not; null where none may. Such a
 * neighbour takes all the weight, or nearly all: another's share is at most the ratio of their distances. Shares add up to 1, so that
 * only differences from the value of one such neighbour count.
 */
function boundNearHits({
  chosen,
  far,
  off,
}: Around): ((valueAt: (stored: number) => number) => number) | null {
  const isHit = (i: number) => far[i]! <= off[i]!;
  const hits = chosen.filter(isHit);
  if (hits.every((i) => off[i] === 0)) return null;
  const nearest = Math.min(...hits.map((i) => far[i]! + off[i]!));
  const errors = chosen.map((i) => (isHit(i) ? 1 : nearest / (far[i]! - off[i]!)));
  const rounding = (4 + 2 * chosen.length) * 2 ** -53;
  return (valueAt) => {
    const own = valueAt(hits[0]!);
    return chosen.reduce((sum, i, at) => {
      const value = valueAt(i);
      return sum + errors[at]! * Math.abs(value - own) + rounding * Math.abs(value);
    }, 0);
  };
}

const equalWeights = ({ chosen }: Around): Weights => ({
  weights: chosen.map(() => 1),
  errors: chosen.map(() => 0),
  sum: chosen.length,
});
