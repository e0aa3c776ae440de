import { type Problem, quote } from '../../src/errors.js';
import type { Labels } from '../../src/ir/index.js';
import type { ImportOptions } from '../format.js';
import { type CellType, type Columns, numbersOf, shapeOf, type Value } from './columns.js';
import type { Numbers } from './lists.js';
import type { Attribute, GraphNode } from './model.js';
import type { Source } from './protobuf.js';
import { isMatrix } from './shape.js';
import { type Tensor, tensorTypes } from './tensor.js';

/** Ends the reading of one operator; its reason is in the list of problems. */
export class Gap extends Error {}

/** What all operators of a graph share. */
export interface Lowering extends ImportOptions {
  readonly source: Source;
  readonly values: Map<string, Value>;
  /** Names of values that operators should have made. */
  readonly failed: Set<string>;
  readonly versions: ReadonlyMap<string, number>;
  readonly problems: Problem[];
}

/** One operator of a graph. */
export class Operator {
  readonly node: GraphNode;
  readonly path: string;
  readonly lowering: Lowering;

  constructor(node: GraphNode, index: number, lowering: Lowering) {
    this.node = node;
    this.path = `graph.node[${index}] (${node.operator})`;
    this.lowering = lowering;
  }

  /** Ends with what is not supported. */
  refuse(place: string, message: string): never {
    this.lowering.problems.push({
      path: place === '' ? this.path : `${this.path}.${place}`,
      message,
    });
    throw new Gap();
  }

  /** The version of the operators that this one is of. */
  get version(): number {
    return this.lowering.versions.get(this.node.domain) ?? 0;
  }

  get(name: string): Attribute | undefined {
    return this.node.attributes.get(name);
  }

  has(name: string): boolean {
    return this.node.attributes.has(name);
  }

  number(name: string, otherwise?: number): number {
    const value = this.get(name) ?? otherwise;
    return typeof value === 'number' ? value : this.#expected(name, 'a number');
  }

  integer(name: string, otherwise?: number): number {
    const value = this.number(name, otherwise);
    return Number.isSafeInteger(value) ? value : this.#expected(name, 'an integer');
  }

  text<T extends string>(name: string, known: readonly T[], otherwise?: T): T {
    const value = this.get(name) ?? otherwise;
    const found = known.find((one) => one === value);
    if (found !== undefined) return found;
    return this.refuse(
      name,
      `${typeof value === 'string' ? quote(value) : 'it'} is not supported: ${known.join(', ')}`,
    );
  }

  /** A list of numbers or a tensor of them; null where there is none. */
  maybeNumbers(name: string): Numbers | null {
    const value = this.get(name);
    if (value === undefined) return null;
    const values = typeof value === 'object' && 'dims' in value ? value.values : value;
    return ArrayBuffer.isView(values) ? values : this.#expected(name, 'numbers');
  }

  numbers(name: string, length?: number): Numbers {
    const values = this.maybeNumbers(name) ?? this.#expected(name, 'numbers');
    if (length !== undefined && values.length !== length)
      this.refuse(name, `expected ${length} numbers, found ${values.length}`);
    return values;
  }

  integers(name: string, length?: number): Numbers {
    const values = this.numbers(name, length);
    const are = !(values instanceof Float32Array) && values.every(Number.isSafeInteger);
    return are ? values : this.#expected(name, 'integers');
  }

  maybeStrings(name: string): readonly string[] | null {
    const value = this.get(name);
    if (value === undefined) return null;
    const values = typeof value === 'object' && 'dims' in value ? value.values : value;
    return Array.isArray(values) ? values : this.#expected(name, 'strings');
  }

  #expected(name: string, what: string): never {
    return this.refuse(name, `expected ${what}`);
  }

  /** An input; null where it is left out. */
  maybeValue(index: number): Value | null {
    const name = this.node.inputs[index] ?? '';
    if (name === '') return null;
    const value = this.lowering.values.get(name);
    if (value !== undefined) return value;
    // Of what could not be read the reason is known already.
    if (this.lowering.failed.has(name)) throw new Gap();
    return this.refuse('input', `no operator before it makes ${quote(name)}`);
  }

  value(index: number): Value {
    return this.maybeValue(index) ?? this.refuse('input', `input ${index} is missing`);
  }

  /** An input of rows of any shape, of one of these types. Chosen labels are their numbers. */
  array(index: number, ...types: readonly CellType[]): Columns {
    const value = this.value(index);
    const columns = value.kind === 'choice' ? numbersOf(value) : value;
    if (columns?.kind !== 'columns')
      return this.refuse('input', `input ${index} is no matrix of rows, which is not supported`);
    if (types.length > 0 && !types.includes(columns.type))
      this.refuse('input', `of ${columns.type}s it is not supported`);
    return columns;
  }

  /** The same of a matrix. */
  columns(index: number, ...types: readonly CellType[]): Columns {
    const columns = this.array(index, ...types);
    const shape = shapeOf(columns);
    if (isMatrix(shape)) return columns;
    const sizes = shape.map((size) => size ?? 'rows').join(', ');
    return this.refuse('input', `input ${index} of [${sizes}] is no matrix of rows`);
  }

  constant(index: number): Tensor {
    const value = this.value(index);
    return value.kind === 'constant'
      ? value.tensor
      : this.refuse('input', `input ${index} is calculated, which is not supported`);
  }

  /** The class labels of attributes of these names; null where there are none. */
  labels(strings: string, integers: string): Labels {
    const texts = this.maybeStrings(strings);
    if (texts !== null && texts.length > 0) return this.#unique({ dtype: 'str', values: texts });
    const values = Float64Array.from(this.integers(integers));
    return this.#unique({ dtype: 'int64', values });
  }

  #unique(labels: Labels): Labels {
    const { values } = labels;
    if (values.length < 2) this.refuse('', 'a classifier of less than two classes');
    if (values.length > this.lowering.limits.classes) this.refuse('', 'too many classes');
    if (new Set<unknown>(values).size !== values.length) this.refuse('', 'a class twice');
    return labels;
  }
}

/** The labels that a tensor holds; null where it holds others. */
export function labelsOf({ type, values }: Tensor): Labels | null {
  if (Array.isArray(values)) return { dtype: 'str', values };
  if (type !== tensorTypes.int64 && type !== tensorTypes.int32) return null;
  return {
    dtype: type === tensorTypes.int64 ? 'int64' : 'int32',
    values: Float64Array.from(values as Numbers),
  };
}
