import { type Column, keyOf } from './column.js';
import { encoded } from './encoder.js';
import { type Category, type Field, toFloat } from './field.js';
import type { Memory } from './memory.js';

/** The columns that some trees ask, numbered as they are first asked for. Categories have a code each. */
export class FeatureTable {
  readonly #memory: Memory;
  readonly #indices = new Map<string, number>();
  readonly #features: (Column | Coded)[] = [];
  readonly #sets: (readonly number[])[] = [];
  readonly #setIndices = new Map<string, number>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** The feature that a column of numbers is. */
  numberIn(column: Column): number {
    return this.#indexOf(keyOf(column), () => column);
  }

  /** The feature that a field of categories is. */
  categoryIn(field: Field): number {
    const { values, other, replacement } = field.categories!;
    const key = `categories ${other} ${JSON.stringify(replacement)} ${keyOf(field.column)}`;
    return this.#indexOf(key, () => {
      const codes = new Map<Category, number>();
      for (const value of values ?? []) codes.set(value, codes.size);
      return { field, codes };
    });
  }

  /** The code of a category of a feature. */
  codeOf(feature: number, category: Category): number {
    const { codes } = this.#features[feature] as Coded;
    const code = codes.get(category) ?? codes.size;
    this.#memory.keep(100);
    codes.set(category, code);
    return code;
  }

  /** The codes that a feature can only have; null where there are others. */
  closedCodes(feature: number): ReadonlySet<number> | null {
    const found = this.#features[feature]!;
    if (!('codes' in found) || found.field.categories!.other !== 'refused') return null;
    return new Set(found.field.categories!.values!.map((_, code) => code));
  }

  mayMiss(feature: number): boolean {
    const found = this.#features[feature]!;
    return 'codes' in found ? columnOf(found).mayMiss : found.mayMiss;
  }

  /** The columns of some features, and what trees are to round them to, which round by themselves what was rounded at last. */
  columnsOf(features: readonly number[]): {
    readonly columns: readonly Column[];
    readonly precision: 'float32' | 'float64';
  } {
    const columns = features.map((feature) => {
      const one = this.#features[feature]!;
      return 'codes' in one ? columnOf(one) : one;
    });
    if (!columns.every((column) => column.type === 'float' || isCode(column)))
      return { columns, precision: 'float64' };
    const own = columns.map((column) =>
      column.steps.at(-1) === toFloat ? { ...column, steps: column.steps.slice(0, -1) } : column,
    );
    return { columns: own, precision: 'float32' };
  }

  /** The number of a set of codes. */
  setOf(codes: ReadonlySet<number>): number {
    const key = [...codes].sort((a, b) => a - b).join();
    const known = this.#setIndices.get(key);
    if (known !== undefined) return known;
    this.#memory.keep(200 + 50 * codes.size);
    this.#setIndices.set(key, this.#sets.length);
    return this.#sets.push([...codes]) - 1;
  }

  /** The codes of a set. */
  codesOf(set: number): readonly number[] {
    return this.#sets[set]!;
  }

  #indexOf(key: string, make: () => Column | Coded): number {
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    this.#memory.keep(500 + 2 * key.length);
    this.#indices.set(key, this.#features.length);
    return this.#features.push(make()) - 1;
  }
}

interface Coded {
  readonly field: Field;
  readonly codes: Map<Category, number>;
}

/** Codes of what is known, another of what is not. */
const columnOf = ({ field, codes }: Coded): Column => encoded(field, codes, codes.size);

/** Codes are whole numbers below 2²⁴. */
const isCode = ({ steps }: Column) => steps.at(-1)?.kind === 'encode';
