import type { Fields } from './fields.js';
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

/** The rules of any kind, whose parts are nodes. */
export interface PartRules<Node> {
  readonly kind: string;
  readonly takesAny?: true;
  readonly takes?: ((node: never) => readonly ValueKind[]) | null;
  /** `inside` checks a part: one that has no head, or `mayAnswer` or must. */
  readonly validate: (
    f: Fields,
    features: number,
    inside: (value: unknown, path: string, mayAnswer?: boolean | 'must') => Node,
  ) => object;
  /** `outputOf` is what a part gives; `widest` how many columns a node may. */
  readonly gives?: (
    node: never,
    given: ValueType,
    path: string,
    outputOf: (part: Node, given: ValueType, path: string) => ValueType,
    widest: number,
  ) => ValueType;
}

/** What a node with a head gives. */
export const scores = ({ outputs: columns }: { readonly outputs: number }): ValueType => ({
  kind: 'dense',
  columns,
});
