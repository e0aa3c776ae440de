import { isSingle, rowOf } from '../input/dense.js';
import type { Pursuit } from '../ir/index.js';
import { multiply } from '../kernels/multiply.js';
import { createSearch, type Stage } from './pursuit.js';

/**
 * How far the amounts of atoms in rows [rows × features], whose cells may be off by `error`, may lie from ours. With G·a = b over the chosen atoms, a moves by
 * at most |G⁻¹|·(Δb + ΔG·|a|), ΔG being what rounding makes of G while it is summed up and factored. Where another atom may be
 * chosen, or the search end elsewhere, the row may become anything.
 */
export function boundPursuit(
  node: Pursuit,
  cells: Float64Array,
  error: Float64Array | null,
  singleRows: boolean,
): Float64Array {
  const { features, outputs, atoms } = node;
  const { gram, find } = createSearch(node, singleRows);
  const unit = singleRows ? 2 ** -24 : 2 ** -53;
  const terms = 8 + Math.sqrt(features);
  const products = new Float64Array(outputs);
  const result = new Float64Array((cells.length / features) * outputs);
  for (let row = 0; row < cells.length / features; row++) {
    const own = rowOf(cells, row, features);
    const errors = error && rowOf(error, row, features);
    multiply(own, 1, features, atoms, outputs, products);
    const moved = products.map((_, atom) => {
      let sum = 0;
      for (let i = 0; i < features; i++)
        sum +=
          Math.abs(atoms[atom * features + i]!) *
          (terms * unit * Math.abs(own[i]!) + (errors?.[i] ?? 0));
      return sum;
    });
    const search: Sizes = {
      ...{ gram, outputs, stride: node.nonzeros, moved, unit },
      // Atoms' products with each other are float32 where either of rows and atoms are.
      share: terms * (singleRows || isSingle(atoms) ? 2 ** -24 : 2 ** -53),
      least: singleRows ? 2 ** -23 : 2 ** -52,
    };
    let sure = true;
    let chosen: readonly number[] = [];
    let last: Stage | null = null;
    const found = find(products, (stage) => {
      sure &&= isSure(search, stage);
      chosen = [...stage.chosen, stage.best];
      last = stage;
    });
    const target = result.subarray(row * outputs, (row + 1) * outputs);
    if (!sure) target.fill(Number.POSITIVE_INFINITY);
    else if (last !== null) {
      // The last choice was not made where the search ended before. The stage's memory holds what came of it.
      const taken = chosen.filter((atom) => found[atom] !== 0);
      boundAmounts(search, last, taken).forEach((off, k) => {
        target[taken[k]!] = off;
      });
    }
  }
  return result;
}

/** What bounds are made of, for one row. */
interface Sizes {
  readonly gram: Float64Array;
  readonly outputs: number;
  /** Numbers in a row of the factor. */
  readonly stride: number;
  /** How far the products of the atoms with the row may be off. */
  readonly moved: Float64Array;
  readonly unit: number;
  /** How far products of atoms with each other may be off, as a share of the product of their norms. */
  readonly share: number;
  /** What squares must not be below for the search to go on. */
  readonly least: number;
}

/** The product of two atoms' norms. */
const normsOf = ({ gram, outputs }: Sizes, a: number, b: number): number =>
  Math.sqrt(gram[a * outputs + a]! * gram[b * outputs + b]!);

/** How far amounts of chosen atoms may be off, in their order. */
function boundAmounts(
  sizes: Sizes,
  { factor, amounts }: Pick<Stage, 'factor' | 'amounts'>,
  chosen: readonly number[],
): Float64Array {
  const { stride, moved, unit, share } = sizes;
  const count = chosen.length;
  const inverse = inverseOf(factor, stride, count);
  const steps = share + 3 * (8 + Math.sqrt(count)) * unit;
  const off = chosen.map((atom) =>
    chosen.reduce(
      (sum, other, k) => sum + steps * normsOf(sizes, atom, other) * Math.abs(amounts[k]!),
      moved[atom]!,
    ),
  );
  return Float64Array.from(chosen, (_, i) => {
    const own = unit * Math.abs(amounts[i]!);
    return 2 * off.reduce((sum, one, k) => sum + Math.abs(inverse[i * count + k]!) * one, own);
  });
}

/** Whether every correct evaluation goes on, and with this atom; or ends here. */
function isSure(sizes: Sizes, stage: Stage): boolean {
  const { gram, outputs, moved, unit, share, least } = sizes;
  const { chosen, amounts, rest, best } = stage;
  const off = boundAmounts(sizes, stage, chosen);
  const errorOf = (atom: number): number =>
    2 *
    chosen.reduce(
      (sum, other, k) =>
        sum +
        Math.abs(gram[atom * outputs + other]!) * off[k]! +
        (share + 8 * unit) * normsOf(sizes, atom, other) * Math.abs(amounts[k]!),
      moved[atom]! + unit * Math.abs(rest[atom]!),
    );
  const size = Math.abs(rest[best]!);
  const low = size - errorOf(best);
  const smallest = Math.sqrt(least);
  if (size === 0 || size + errorOf(best) < smallest) return true;
  // Nothing is left for atoms that were chosen, but for rounding: more than that is no doubt, but an error.
  if (chosen.includes(best)) return low > 0;
  if (low < smallest || isNearlyDependent(sizes, stage)) return false;
  return rest.every((one, atom) => atom === best || Math.abs(one) + errorOf(atom) < low);
}

/** Whether what the atom adds to those chosen is so little that rounding may decide. */
function isNearlyDependent({ gram, outputs, stride, share, least }: Sizes, stage: Stage): boolean {
  const { chosen, factor, best } = stage;
  const whole = gram[best * outputs + best]!;
  const steps: number[] = [];
  chosen.forEach((atom, i) => {
    const sum = steps.reduce(
      (left, step, k) => left - step * factor[i * stride + k]!,
      gram[best * outputs + atom]!,
    );
    steps.push(sum / factor[i * stride + i]!);
  });
  const square = steps.reduce((left, step) => left - step * step, whole);
  return chosen.length > 0 && square <= least + 64 * share * whole;
}

/** The inverse of L·Lᵀ, of which L is the first rows and columns of `factor`. */
function inverseOf(factor: Float64Array, stride: number, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    const x = inverse.subarray(column * n, (column + 1) * n);
    for (let i = column; i < n; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= factor[i * stride + k]! * x[k]!;
      x[i] = sum / factor[i * stride + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i]!;
      for (let k = i + 1; k < n; k++) sum -= factor[k * stride + i]! * x[k]!;
      x[i] = sum / factor[i * stride + i]!;
    }
  }
  return inverse;
}
