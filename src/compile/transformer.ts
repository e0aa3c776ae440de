import type { Names, Value } from '../input/dense.js';
import type { ValueType } from '../ir/index.js';

/** A compiled part that transforms. What it gives lives until it is called again. */
export interface Transformer {
  readonly gives: ValueType;
  readonly names: Names;
  transform(x: Value): Value;
}

/** Transformers one after another. */
export function chain(given: ValueType, names: Names, parts: readonly Transformer[]): Transformer {
  const last = parts[parts.length - 1];
  return {
    gives: last?.gives ?? given,
    names: last === undefined ? names : last.names,
    transform(x) {
      let value = x;
      for (const part of parts) value = part.transform(value);
      return value;
    },
  };
}
