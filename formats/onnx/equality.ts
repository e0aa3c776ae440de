import type { CategorySets, EncodeColumn, Node } from '../../src/ir/index.js';
import { SetTable } from '../boosting/category-sets.js';
import { type Columns, followed } from './columns.js';
import type { Operator } from './operator.js';
import type { SplitShape } from './tree-shape.js';

/**
 * Splits that ask whether a feature is one of some numbers. Trees have sets of categories, which are integers: so a copy of the feature, after all
 * features, has a code for each number that is asked for, and another for the rest.
 */
export class Equalities {
  readonly #operator: Operator;
  readonly #features: number;
  /** Of each feature that is asked for where its copy stands, and the codes of its numbers. */
  readonly #copies = new Map<number, Copy>();
  readonly #sets = new SetTable('left', null);

  constructor(operator: Operator, features: number) {
    this.#operator = operator;
    this.#features = features;
  }

  /** Writes a node whose first child is for rows whose feature is one of the numbers; NaN, which is none, goes there if it `tracks`. */
  write(
    shape: SplitShape,
    node: number,
    feature: number,
    numbers: readonly number[],
    tracks: boolean,
    [equal, other]: readonly [equal: number, other: number],
  ): void {
    if (!(feature >= 0 && feature < this.#features) || !numbers.every((one) => !Number.isNaN(one)))
      this.#operator.refuse('', `feature ${feature} of ${this.#features} as ${numbers[0]}`);
    this.#operator.lowering.source.spend(64 * (numbers.length + 1));
    const copy = this.#copies.get(feature) ?? {
      place: this.#features + this.#copies.size,
      codes: new Map<number, number>(),
    };
    this.#copies.set(feature, copy);
    const { place, codes } = copy;
    const own = numbers.map((number) => {
      const code = codes.get(number) ?? codes.size;
      codes.set(number, code);
      return code;
    });
    shape.categorical ??= new Uint8Array(shape.left.length);
    shape.categorical[node] = 1;
    shape.left[node] = equal;
    shape.right[node] = other;
    shape.feature[node] = place;
    shape.threshold[node] = this.#sets.addCategories(own, mostNumbers, shape.path);
    shape.missingLeft[node] = Number(tracks);
  }

  categories(): CategorySets | null {
    return this.#sets.categories();
  }

  /** The input with the copies after it. */
  beside(input: Columns): Columns {
    if (this.#copies.size === 0) return input;
    const columns = [...this.#copies.values()].map(({ codes }): EncodeColumn => {
      const numbers = Float64Array.from(codes.keys());
      return {
        strings: null,
        numbers,
        missing: true,
        unknown: true,
        width: 1,
        values: Float64Array.from([...numbers.keys(), Number.NaN, numbers.length]),
        marks: null,
      };
    });
    const copies: Node = {
      kind: 'encode',
      features: columns.length,
      nonFinite: 'any',
      type: null,
      sparse: false,
      columns,
    };
    const union: Node = {
      kind: 'union',
      features: input.width,
      parts: [
        { columns: null, node: null },
        { columns: Uint32Array.from(this.#copies.keys()), node: copies },
      ],
      sparse: false,
    };
    return followed(input, union, input.width + columns.length);
  }
}

interface Copy {
  readonly place: number;
  readonly codes: Map<number, number>;
}

/** Different numbers of one feature. */
const mostNumbers = 65_536;
