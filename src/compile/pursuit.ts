import { isSingle, rowOf } from '../input/dense.js';
import { type Pursuit, pursuitRules } from '../ir/index.js';
import { multiply } from '../kernels/multiply.js';
import { zeros } from '../math/zeros.js';
import { floatsOf } from './buffer.js';
import { bySingle } from './by-single.js';
import type { NodeKind } from './kind.js';

export const pursuit: NodeKind<Pursuit> = {
  rules: pursuitRules,
  transform: (node, out) => {
    const { features, outputs, atoms } = node;
    const products = zeros(outputs);
    const searchFor = bySingle((single) => createSearch(node, single));
    return (x) => {
      const search = searchFor(x);
      const data = out.fit(x, floatsOf(x));
      for (let row = 0; row < x.rows; row++) {
        multiply(rowOf(x.data, row, features), 1, features, atoms, outputs, products);
        data.set(search.find(products), row * outputs);
      }
      return out;
    };
  },
};

/** Where a search stands when it chooses its next atom. */
export interface Stage {
  /** The atoms chosen so far, in order, and how much of each. */
  readonly chosen: readonly number[];
  readonly amounts: Float64Array;
  /** Cholesky's factor of their products with each other, [nonzeros × nonzeros]. */
  readonly factor: Float64Array;
  /** The products of all atoms with what is left of the row. */
  readonly rest: Float64Array;
  /** The atom with the largest. */
  readonly best: number;
}

export interface Search {
  /** The products of all atoms with each other. */
  readonly gram: Float64Array;
  /** How much of each atom is in a row with these products, in memory that the next row uses again; `watch` sees each choice. */
  find(products: Float64Array, watch?: (stage: Stage) => void): Float64Array;
}

/**
 * The atom whose product with the rest is largest is chosen, the chosen ones' amounts become those that leave the least rest, and so on: until there are
 * `nonzeros`, or the largest product or what the atom adds to the others is near 0, by steps of float32 for float32 rows.
 */
export function createSearch(
  { features, outputs, atoms, nonzeros }: Pursuit,
  single: boolean,
): Search {
  const gram = zeros(outputs * outputs);
  multiply(atoms, outputs, features, atoms, outputs, gram);
  if (single || isSingle(atoms)) gram.set(Float32Array.from(gram));
  const least = single ? 2 ** -23 : 2 ** -52;
  const factor = zeros(nonzeros * nonzeros);
  const amounts = zeros(nonzeros);
  const rest = zeros(outputs);
  const result = zeros(outputs);
  /** Atoms in the order that they are looked at: those chosen come first. */
  const order = Array.from(rest, (_, i) => i);

  /** Adds an atom's row to the factor; whether it adds anything. */
  function extend(atom: number, count: number): boolean {
    let square = gram[atom * outputs + atom]!;
    for (let i = 0; i < count; i++) {
      let sum = gram[atom * outputs + order[i]!]!;
      for (let k = 0; k < i; k++) sum -= factor[count * nonzeros + k]! * factor[i * nonzeros + k]!;
      const step = sum / factor[i * nonzeros + i]!;
      factor[count * nonzeros + i] = step;
      square -= step * step;
    }
    if (count > 0 && square <= least) return false;
    factor[count * nonzeros + count] = Math.sqrt(square);
    return true;
  }

  function solve(products: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      let sum = products[order[i]!]!;
      for (let k = 0; k < i; k++) sum -= factor[i * nonzeros + k]! * amounts[k]!;
      amounts[i] = sum / factor[i * nonzeros + i]!;
    }
    for (let i = count - 1; i >= 0; i--) {
      let sum = amounts[i]!;
      for (let k = i + 1; k < count; k++) sum -= factor[k * nonzeros + i]! * amounts[k]!;
      amounts[i] = sum / factor[i * nonzeros + i]!;
    }
  }

  return {
    gram,
    find(products, watch) {
      for (let i = 0; i < outputs; i++) order[i] = i;
      rest.set(products);
      result.fill(0);
      for (let count = 0; count < nonzeros; count++) {
        let place = 0;
        for (let i = 1; i < outputs; i++)
          if (Math.abs(rest[order[i]!]!) > Math.abs(rest[order[place]!]!)) place = i;
        const best = order[place]!;
        watch?.({ chosen: order.slice(0, count), amounts, factor, rest, best });
        if (place < count || rest[best]! * rest[best]! < least || !extend(best, count)) break;
        order[place] = order[count]!;
        order[count] = best;
        solve(products, count + 1);
        for (let atom = 0; atom < outputs; atom++) {
          let sum = 0;
          for (let i = 0; i <= count; i++) sum += gram[atom * outputs + order[i]!]! * amounts[i]!;
          rest[atom] = products[atom]! - sum;
        }
        result.fill(0);
        for (let i = 0; i <= count; i++) result[order[i]!] = amounts[i]!;
      }
      return result;
    },
  };
}
