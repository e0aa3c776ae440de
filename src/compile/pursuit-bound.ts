import { isSingle } from '../input/dense.js';
import type { Pursuit } from '../ir/index.js';
import { multiply } from '../kernels/multiply.js';
import { createSearch, rowOf, type Stage } from './pursuit.js';

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
  const { features, outputs, atoms, nonzeros } = node;
  const unit = singleRows ? 2 ** -24 : 2 ** -53;
  const share = (8 + Math.sqrt(features)) * unit;
  // The atoms' products with each other are float32 where either of rows and atoms are.
  const gramShare =
    (8 + Math.sqrt(features)) * (singleRows || isSingle(atoms) ? 2 ** -24 : 2 ** -53);
  const { gram, find } = createSearch(node, singleRows);
  const least = singleRows ? 2 ** -23 : 2 ** -52;
  const norms = Float64Array.from({ length: outputs }, (_, i) => Math.sqrt(gram[i * outputs + i]!));
  const products = new Float64Array(outputs);
  const result = new Float64Array((cells.length / features) * outputs);
  for (let row = 0; row < cells.length / features; row++) {
    const own = rowOf(cells, row, features) as Float64Array;
    const errors = error && rowOf(error, row, features);
    multiply(own, 1, features, atoms, outputs, products);
    const moved = Float64Array.from({ length: outputs }, (_, atom) => {
      let sum = 0;
      for (let i = 0; i < features; i++) {
        const size = Math.abs(atoms[atom * features + i]!);
        sum += size * (share * Math.abs(own[i]!) + (errors?.[i] ?? 0));
      }
      return sum;
    });
    let unsure = false;
    /** How far amounts of chosen atoms may be off, in their order. */
    const errorsOf = (count: number, stage: Stage, chosen: readonly number[]): Float64Array => {
      const inverse = inverseOf(stage.factor, nonzeros, count);
      const steps = gramShare + 3 * (8 + Math.sqrt(count)) * unit;
      const off = chosen.map((atom) => {
        let sum = moved[atom]!;
        chosen.forEach((other, k) => {
          sum += steps * norms[atom]! * norms[other]! * Math.abs(stage.amounts[k]!);
        });
        return sum;
      });
      return Float64Array.from(chosen, (_, i) => {
        let sum = unit * Math.abs(stage.amounts[i]!);
        off.forEach((one, k) => {
          sum += Math.abs(inverse[i * count + k]!) * one;
        });
        return 2 * sum;
      });
    };
    const watch = (stage: Stage): void => {
      const { chosen, amounts, rest, best } = stage;
      const count = chosen.length;
      const off = errorsOf(count, stage, chosen);
      const errorOf = (atom: number): number => {
        let sum = moved[atom]! + unit * Math.abs(products[atom]!);
        chosen.forEach((other, k) => {
          const product = Math.abs(gram[atom * outputs + other]!);
          sum +=
            product * off[k]! +
            (gramShare + 8 * unit) * norms[atom]! * norms[other]! * Math.abs(amounts[k]!);
        });
        return 2 * sum;
      };
      const bestError = errorOf(best);
      const size = Math.abs(rest[best]!);
      const isClose = (atom: number) =>
        atom !== best && Math.abs(rest[atom]!) + errorOf(atom) >= size - bestError;
      const smallest = Math.sqrt(least);
      if (size > 0 && size + bestError >= smallest) {
        if (size - bestError < smallest) unsure = true;
        for (let atom = 0; atom < outputs && !unsure; atom++) unsure = isClose(atom);
        if (chosen.includes(best) || isNearlyDependent(stage, best)) unsure = true;
      }
    };
    /** Whether what the atom adds to those chosen is so little that rounding may decide. */
    const isNearlyDependent = ({ chosen, factor }: Stage, atom: number): boolean => {
      const count = chosen.length;
      const steps = new Float64Array(count);
      let square = gram[atom * outputs + atom]!;
      for (let i = 0; i < count; i++) {
        let sum = gram[atom * outputs + chosen[i]!]!;
        for (let k = 0; k < i; k++) sum -= steps[k]! * factor[i * nonzeros + k]!;
        steps[i] = sum / factor[i * nonzeros + i]!;
        square -= steps[i]! * steps[i]!;
      }
      return count > 0 && square <= least + 64 * gramShare * gram[atom * outputs + atom]!;
    };
    let last: { stage: Stage; chosen: number[] } | null = null;
    const found = find(products, (stage) => {
      watch(stage);
      last = { stage, chosen: [...stage.chosen, stage.best] };
    });
    const target = result.subarray(row * outputs, (row + 1) * outputs);
    if (unsure) target.fill(Number.POSITIVE_INFINITY);
    else if (last !== null) {
      const { stage, chosen } = last as { stage: Stage; chosen: number[] };
      // The last choice was not made where the search ended before.
      const taken = chosen.filter((atom) => found[atom] !== 0 || stage.chosen.includes(atom));
      const off = errorsOf(taken.length, stage, taken);
      taken.forEach((atom, k) => {
        target[atom] = off[k]!;
      });
    }
  }
  return result;
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
