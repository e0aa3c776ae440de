import { printable } from '../../src/errors.js';

/**
 * Python objects as plain data: what every reader of Python files yields and the lowering understands. Nothing here can be
 * called or imported; classes are names.
 *
 * The same object reached twice is the same reference, so the data is a graph and may hold cycles.
 */
export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PySequence
  | PyDict
  | PyArray
  | PyDType
  | PyObject
  | PyGlobal
  | PyBytes
  | PyComplex;

export interface PySequence {
  readonly type: 'list' | 'tuple' | 'set' | 'frozenset' | 'slice';
  readonly items: PyValue[];
}

export interface PyDict {
  readonly type: 'dict';
  readonly entries: [key: PyValue, value: PyValue][];
}

/** A numpy array or scalar (shape []). */
export interface PyArray {
  readonly type: 'array';
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly order: 'C' | 'F';
  /** The elements, little-endian, in `order`; empty where the dtype is object. */
  readonly bytes: Uint8Array;
  /** The elements of an array of objects, in C order; null otherwise. */
  readonly objects: PyValue[] | null;
  /** Whether some elements are masked out (numpy's masked arrays): such an array has no plain meaning. */
  readonly masked: boolean;
}

export interface PyDType {
  readonly type: 'dtype';
  readonly dtype: DType;
}

/** numpy's `dtype.str`, the layout of a structured dtype, or a fixed-size array of another. */
export type DType = string | StructuredDType | ArrayDType;

export interface StructuredDType {
  readonly names: readonly string[];
  readonly formats: readonly DType[];
  readonly offsets: readonly number[];
  readonly itemsize: number;
}

export interface ArrayDType {
  readonly base: DType;
  readonly shape: readonly number[];
}

/** An instance of a class, by its pickling reduction. */
export interface PyObject {
  readonly type: 'object';
  /** Module and qualified name, e.g. `sklearn.tree._classes.DecisionTreeClassifier`. */
  readonly className: string;
  readonly args: PyValue[];
  state: PyValue;
  readonly items: PyValue[];
  readonly entries: [key: PyValue, value: PyValue][];
}

/** A class or function, by name. */
export interface PyGlobal {
  readonly type: 'global';
  readonly name: string;
}

export interface PyBytes {
  readonly type: 'bytes';
  readonly bytes: Uint8Array;
}

export interface PyComplex {
  readonly type: 'complex';
  readonly real: number;
  readonly imag: number;
}

/** What kind of value this is, in Python's words, for messages. */
export function describePython(value: PyValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
    case 'bigint':
      return `${value}`;
    case 'string':
      return JSON.stringify(value.slice(0, 40));
    default:
      if (value.type === 'object') return `a ${printable(value.className)}`;
      return value.type === 'global' ? printable(value.name) : `a ${value.type}`;
  }
}
