import type { Labels } from '../../src/ir/index.js';
import type { CellType } from './column.js';
import type { DataField } from './data-dictionary.js';
import { type Category, categoryOf } from './field.js';
import { type Reading, refuseAt } from './reading.js';
import type { Element } from './xml.js';

/** The classes that a model chooses between, in order. */
export class Classes {
  readonly #reading: Reading;
  readonly #type: CellType;
  /** Whether the target lists them; else they come as they are met. */
  readonly #listed: boolean;
  readonly #indices = new Map<Category, number>();

  constructor(reading: Reading, target: DataField | null) {
    this.#reading = reading;
    this.#type = target?.type ?? 'string';
    const values = target?.values ?? [];
    this.#listed = values.length > 0;
    for (const value of values) this.#indices.set(value, this.#indices.size);
  }

  /** The place of a class. */
  indexOf(element: Element, text: string): number {
    const category = categoryOf(this.#reading, element, this.#type, text);
    const known = this.#indices.get(category);
    if (known !== undefined) return known;
    if (this.#listed) return refuseAt(this.#reading, element, 'a class that the target has not');
    if (this.#indices.size >= this.#reading.limits.classes)
      refuseAt(this.#reading, element, 'too many classes');
    this.#indices.set(category, this.#indices.size);
    return this.#indices.size - 1;
  }

  get count(): number {
    return this.#indices.size;
  }

  /** The labels in this order of their places, or in their own. */
  labels(order?: readonly number[]): Labels {
    const known = [...this.#indices.keys()];
    const values = order ? order.map((place) => known[place]!) : known;
    if (this.#type === 'string') return { dtype: 'str', values: values as string[] };
    if (this.#type === 'boolean')
      return { dtype: 'bool', values: Uint8Array.from(values as number[]) };
    const dtype =
      this.#type === 'integer' ? 'int64' : this.#type === 'float' ? 'float32' : 'float64';
    return { dtype, values: Float64Array.from(values as number[]) };
  }
}
