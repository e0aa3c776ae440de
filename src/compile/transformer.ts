import type { Names, Value } from '../input/dense.js';
import type { ValueType } from '../ir/index.js';
import type { ValueBuffer } from './buffer.js';

/** A compiled part that transforms. What it gives lives until it is called again. */
export interface Transformer {
  readonly gives: ValueType;
  readonly names: Names;
  transform(x: Value): Value;
}

/** Writes what becomes of `x`, which was checked, to the part's buffer, and returns that. */
export type Transform = (x: Value) => Value;

/** Makes a node executable: `out` is the buffer that it writes to. */
export type CompileTransform<N> = (node: N, out: ValueBuffer, given: ValueType) => Transform;

/** Transformers one after another. */
export function chain(gives: ValueType, names: Names, parts: readonly Transformer[]): Transformer {
  return {
    gives,
    names,
    ...parts[parts.length - 1],
    transform(x) {
      let value = x;
      for (const part of parts) value = part.transform(value);
      return value;
    },
  };
}
