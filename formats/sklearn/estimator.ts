import type { Problem } from '../../src/errors.js';
import type { Labels, Limits, Node } from '../../src/ir/index.js';
import type { ImportedModel, ImportProgress } from '../format.js';
import { elementCount, numericType, toFloat64, toStrings } from './arrays.js';
import type { Given } from './given.js';
import { describePython, type PyArray, type PyObject, type PyValue } from './python.js';

/** What lowering knows besides the object at hand. Gaps are collected, so that one refusal can name them all. */
export interface Lowering {
  readonly version: SklearnVersion;
  readonly limits: Limits;
  /** Whether to keep the training weight of every node. */
  readonly keepCovers: boolean;
  readonly onProgress?: ImportProgress | undefined;
  /** Accept versions of a library that this release was not proved on. */
  readonly allowUnprovenVersion: boolean;
  readonly gaps: Problem[];
  /** What the estimator at hand is given. */
  readonly given: Given;
  /** The estimators that the one at hand is a part of. */
  readonly owners: readonly PyObject[];
  /** Numbers that were made and not read: a small file must not take much memory. */
  readonly made: { count: number };
  /** Models of other libraries that were read of estimators; null of those that are refused. */
  readonly foreign: Map<PyObject, ImportedModel | null>;
  /** Nodes of which some columns hold booleans, and which columns: a node itself knows numbers only. */
  readonly booleans: Map<Node, readonly boolean[]>;
  /** Lowers an estimator that is a part of another. */
  readonly lower: (estimator: Estimator) => Node;
}

export interface SklearnVersion {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** Thrown to leave the lowering of one estimator after its gap was recorded. */
export class Gap extends Error {}

/** Lowers every item, so that one refusal names all that is wrong; throws `Gap` at the end where there was one. */
export function lowerEach<T, R>(
  items: readonly T[],
  lower: (item: T, index: number) => R,
): NonNullable<R>[] {
  const results: NonNullable<R>[] = [];
  let gaps = false;
  items.forEach((item, i) => {
    try {
      const result = lower(item, i);
      if (result !== null && result !== undefined) results.push(result);
    } catch (error) {
      if (!(error instanceof Gap)) throw error;
      gaps = true;
    }
  });
  if (gaps) throw new Gap();
  return results;
}

/**
 * A fitted estimator (or another Python object with attributes) under lowering: typed access to its attributes by name.
 *
 * A getter that finds something else records a gap with the attribute's path and throws `Gap`.
 */
export class Estimator {
  readonly object: PyObject;
  readonly path: string;
  readonly lowering: Lowering;
  readonly #attributes: Map<string, PyValue>;

  constructor(object: PyObject, path: string, lowering: Lowering) {
    this.object = object;
    this.path = path;
    this.lowering = lowering;
    this.#attributes = attributesOf(object);
  }

  /** The class's own name, without its module. */
  get name(): string {
    return this.object.className.slice(this.object.className.lastIndexOf('.') + 1);
  }

  /** Whether the model's scikit-learn is this minor version or newer. */
  since(major: number, minor: number): boolean {
    const { version } = this.lowering;
    return version.major > major || (version.major === major && version.minor >= minor);
  }

  refuse(attribute: string, message: string): never {
    this.lowering.gaps.push({
      path: attribute === '' ? this.path : `${this.path}.${attribute}`,
      message,
    });
    throw new Gap();
  }

  has(attribute: string): boolean {
    return this.#attributes.has(attribute);
  }

  get(attribute: string): PyValue {
    const value = this.#attributes.get(attribute);
    return value !== undefined
      ? value
      : this.refuse(attribute, `${this.name} has no such attribute; is it fitted?`);
  }

  /** The attribute, or null where it is None or absent. */
  maybe(attribute: string): PyValue {
    return this.#attributes.get(attribute) ?? null;
  }

  integer(attribute: string): number {
    const value = this.get(attribute);
    const number = isArray(value) && value.shape.length === 0 ? toFloat64(value)?.[0] : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
      return this.refuse(attribute, `expected an integer, found ${describePython(value)}`);
    }
    return number;
  }

  /** Where the number of columns is; it had another name up to 0.22. */
  get featuresAttribute(): string {
    return this.since(0, 23) ? 'n_features_in_' : 'n_features_';
  }

  features(): number {
    const features = this.integer(this.featuresAttribute);
    const most = this.lowering.limits.features;
    return features >= 1 && features <= most
      ? features
      : this.refuse(this.featuresAttribute, `expected 1 to ${most}, found ${features}`);
  }

  /** Counts numbers that are made of nothing; refuses where a model has too many of them. */
  make(count: number): void {
    const { made, limits } = this.lowering;
    made.count += count;
    if (made.count > 4 * limits.features)
      this.refuse('', `the model takes more than ${4 * limits.features} numbers made here`);
  }

  /** As `make`, of what a model can do without: says whether half of what may be made is left for what it cannot. */
  mayMake(count: number): boolean {
    const { made, limits } = this.lowering;
    if (made.count + count > 2 * limits.features) return false;
    made.count += count;
    return true;
  }

  /** A number that is no integer by nature: a Python or numpy one. */
  number(attribute: string): number {
    const value = unwrapScalar(this.get(attribute));
    return typeof value === 'number'
      ? value
      : this.refuse(attribute, `expected a number, found ${describePython(value)}`);
  }

  flag(attribute: string): boolean {
    const value = unwrapScalar(this.get(attribute));
    return typeof value === 'boolean'
      ? value
      : this.refuse(attribute, `expected True or False, found ${describePython(value)}`);
  }

  text(attribute: string): string {
    const value = this.get(attribute);
    return typeof value === 'string'
      ? value
      : this.refuse(attribute, `expected a string, found ${describePython(value)}`);
  }

  array(attribute: string): PyArray {
    const value = this.get(attribute);
    return isArray(value)
      ? value
      : this.refuse(attribute, `expected an array, found ${describePython(value)}`);
  }

  /** An object of one of these classes; without classes, any object. */
  child(attribute: string, classNames: readonly string[] = []): Estimator {
    return this.#childOf(this.get(attribute), attribute, classNames);
  }

  /** The items of a list, tuple or array of objects. */
  items(attribute: string): PyValue[] {
    const value = this.get(attribute);
    return (
      sequenceItems(value) ??
      this.refuse(attribute, `expected a list, found ${describePython(value)}`)
    );
  }

  /** Lowers an estimator that is a part of this one; `place` is its path from here. */
  lowerPart(value: PyValue, place: string, given: Given): Node {
    const owners = [...this.lowering.owners, this.object];
    const part = this.#childOf(value, place, [], { ...this.lowering, given, owners });
    if (owners.includes(part.object)) this.refuse(place, 'is a part of itself');
    return part.lowering.lower(part);
  }

  /** The objects in a list, tuple or array of objects, which may have several dimensions. */
  children(attribute: string, classNames: readonly string[]): Estimator[] {
    const value = this.get(attribute);
    const items = isArray(value) ? value.objects : null;
    return (items ?? this.items(attribute)).map((item, i) =>
      this.#childOf(item, `${attribute}[${i}]`, classNames),
    );
  }

  /** What lies at a place in this object, of one of these classes. */
  part(value: PyValue, place: string, classNames: readonly string[]): Estimator {
    return this.#childOf(value, place, classNames);
  }

  #childOf(
    value: PyValue,
    attribute: string,
    classNames: readonly string[],
    lowering: Lowering = this.lowering,
  ): Estimator {
    const expected = classNames.length === 0 ? 'an object' : classNames.join(' or ');
    if (!isObject(value) || (classNames.length > 0 && !classNames.includes(value.className))) {
      return this.refuse(attribute, `expected ${expected}, found ${describePython(value)}`);
    }
    return new Estimator(value, `${this.path}.${attribute}`, lowering);
  }

  /** The labels in an array of classes. */
  labels(array: PyValue, attribute: string): Labels {
    if (!isArray(array) || array.shape.length !== 1) {
      return this.refuse(
        attribute,
        `expected an array of class labels, found ${describePython(array)}`,
      );
    }
    const numeric = numericType(array.dtype);
    if (numeric !== null) {
      const values = toFloat64(array);
      if (values === null)
        return this.refuse(
          attribute,
          'class labels beyond ±(2⁵³−1) have no exact number in JavaScript',
        );
      return numeric === 'bool'
        ? { dtype: 'bool', values: Uint8Array.from(values) }
        : { dtype: numeric, values };
    }
    const strings = toStrings(array);
    if (strings !== null)
      return { dtype: array.objects === null ? 'str' : 'object', values: strings };
    return this.refuse(
      attribute,
      `class labels of dtype ${JSON.stringify(array.dtype)} are not supported (numbers, booleans and strings are)`,
    );
  }

  /** Feature names that the estimator was fitted with; null where there are none. */
  featureNames(): readonly string[] | null {
    const value = this.maybe('feature_names_in_');
    if (value === null) return null;
    const names = isArray(value) && value.shape.length === 1 ? toStrings(value) : null;
    return (
      names ??
      this.refuse(
        'feature_names_in_',
        `expected an array of strings, found ${describePython(value)}`,
      )
    );
  }

  /** A numeric array as float64 in C order, with its shape; `rank` is the expected number of dimensions. */
  numbers(attribute: string, rank: number): { values: Float64Array; shape: readonly number[] } {
    const array = this.array(attribute);
    const values = toFloat64(array);
    if (values === null || array.shape.length !== rank) {
      return this.refuse(
        attribute,
        `expected a numeric array of ${rank} dimensions, found ${array.shape.length}`,
      );
    }
    return { values, shape: array.shape };
  }
}

export function isArray(value: PyValue): value is PyArray {
  return value !== null && typeof value === 'object' && value.type === 'array';
}

export function isObject(value: PyValue): value is PyObject {
  return value !== null && typeof value === 'object' && value.type === 'object';
}

/** A numpy scalar as the Python value that it stands for; anything else as it is. */
export function unwrapScalar(value: PyValue): PyValue {
  if (!isArray(value) || value.shape.length > 0) return value;
  const number = toFloat64(value)?.[0];
  if (number === undefined) return toStrings(value)?.[0] ?? value;
  return numericType(value.dtype) === 'bool' ? number !== 0 : number;
}

/** The items of a list, tuple or one-dimensional array of objects; null for anything else. */
export function sequenceItems(value: PyValue): PyValue[] | null {
  if (value === null || typeof value !== 'object') return null;
  if (value.type === 'list' || value.type === 'tuple') return value.items;
  return value.type === 'array' && value.objects !== null && elementCount(value) === value.shape[0]
    ? value.objects
    : null;
}

/** Attributes by name. A Map: names come from a file. */
export function attributesOf(object: PyObject): Map<string, PyValue> {
  const { state } = object;
  const result = new Map<string, PyValue>();
  if (state === null || typeof state !== 'object' || state.type !== 'dict') return result;
  for (const [key, value] of state.entries) if (typeof key === 'string') result.set(key, value);
  return result;
}
