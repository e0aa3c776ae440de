import type { Names, Value } from '../input/dense.js';
import type { ValueType } from '../ir/index.js';
import type { ValueBuffer } from './buffer.js';
import type { LeafFinder } from './leaf-finder.js';

/** A compiled part that transforms. What it gives lives until it is called again. */
export interface Transformer {
  readonly gives: ValueType;
  readonly names: Names;
  readonly transform: Transform;
  /** The leaves that rows reach on the way, where the model has `apply` beside `transform`. */
  readonly leaves?: LeafFinder;
}

/** Writes what becomes of `x`, which was checked, to the part's buffer, and returns that. */
export type Transform = (x: Value) => Value;

/** Makes a node executable: `out` is the buffer that it writes to. */
export type CompileTransform<N> = (node: N, out: ValueBuffer, given: ValueType) => Transform;

/** What hands on the values it is given. */
export const handOn = (gives: ValueType, names: Names): Transformer => ({
  gives,
  names,
  transform: (x) => x,
});

/** Two transformers, one after another. */
export function chain(first: Transformer, second: Transformer): Transformer {
  const leaves = first.leaves ?? (second.leaves && leavesAfter(first, second.leaves));
  return {
    ...second,
    ...(leaves && { leaves }),
    transform: (x) => second.transform(first.transform(x)),
  };
}

/** Leaves that what a transformer gives reaches. */
export const leavesAfter = ({ transform }: Transformer, leaves: LeafFinder): LeafFinder => ({
  ...leaves,
  apply: (x) => leaves.apply(transform(x)),
  decisionPath: (x) => leaves.decisionPath(transform(x)),
});
