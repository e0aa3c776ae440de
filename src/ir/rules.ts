import type { Fields, Reader } from './fields.js';
import type { Own, ValueKind, ValueType } from './value.js';

/**
 * What a kind of node is asked. Its answers stand in the kind's own file and nowhere else, so that a program carries the kinds that it
 * names. A kind with parts takes further arguments: see `PartRules`.
 */
export interface NodeRules<N extends { readonly kind: string }> {
  readonly kind: N['kind'];
  /** Set where it looks at no numbers itself. Else a node says which non-finite ones it takes. */
  readonly takesAny?: true;
  /** The kinds of value that a node takes, as wide as its `features` say: `dense` and `sparse` unless set; null where its parts are asked. */
  readonly takes?: ((node: N) => readonly ValueKind[]) | null;
  /** Checks its own keys. */
  readonly validate: (f: Fields, features: number) => Own<N>;
  /** What a node makes of a value that it takes, unless that is the same; throws `invalid-model` where it cannot after all. */
  readonly gives?: (node: N, given: ValueType, path: string) => ValueType;
}

/** Reads a part: one that has no head, or may have one, or must. */
export type PartReader<Node> = (head?: 'may' | 'must') => Reader<Node>;

/** The rules of any kind, whose parts are nodes. */
export interface PartRules<Node> {
  readonly kind: string;
  readonly takesAny?: true;
  readonly takes?: ((node: never) => readonly ValueKind[]) | null;
  readonly validate: (f: Fields, features: number, inside: PartReader<Node>) => object;
  /** `outputOf` is what a part gives; `widest` how many columns a node may. */
  readonly gives?: (
    node: never,
    given: ValueType,
    path: string,
    outputOf: (part: Node, given: ValueType, path: string) => ValueType,
    widest: number,
  ) => ValueType;
}

export const dense = (columns: number): ValueType => ({ kind: 'dense', columns });

export const denseOr = (sparse: boolean, columns: number): ValueType => ({
  kind: sparse ? 'sparse' : 'dense',
  columns,
});

/** What a node with a head gives, and others of so many outputs. */
export const scores = ({ outputs }: { readonly outputs: number }): ValueType => dense(outputs);
