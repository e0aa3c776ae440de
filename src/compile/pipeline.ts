import type { Dense } from '../input/dense.js';
import type { LeafFinder, Scorer, Transformer } from './scorer.js';

/** Transformers one after another. */
export function chain(transformers: readonly Transformer[]): Transformer {
  return (x) => transformers.reduce<Dense>((value, transform) => transform(value), x);
}

/** A scorer whose input passes through `transform` first. */
export function compose(transform: Transformer, last: Scorer): Scorer {
  const { leaves } = last;
  const found: LeafFinder | null = leaves && {
    ...leaves,
    apply: (x) => leaves.apply(transform(x)),
    path: (x, row, visit) => leaves.path(transform(x), row, visit),
  };
  return {
    outputs: last.outputs,
    head: last.head,
    score: (x, out) => last.score(transform(x), out),
    leaves: found,
  };
}
