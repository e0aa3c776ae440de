import type { Names } from '../input/dense.js';
import type { Node, PartRules, ValueType } from '../ir/index.js';
import type { Accelerator } from './accelerator.js';
import type { Scorer } from './scorer.js';
import type { CompileTransform, Transformer } from './transformer.js';

/** A kind of node that a program knows: its rules, and how a node of it is made executable. */
export type NodeKind<N = never> = TransformingKind<N> | ComposingKind<N>;

/** One that checks numbers by its policy and writes what it makes of them to a buffer. */
interface TransformingKind<N> {
  readonly rules: PartRules<Node>;
  readonly transform: CompileTransform<N>;
}

/** Any other. */
interface ComposingKind<N> {
  readonly rules: PartRules<Node>;
  readonly compile: (node: N, scope: Scope) => Scorer | Transformer;
}

/** What a node is made executable with. */
export interface Scope {
  /** The type of the value that it is given, and the names of its columns. */
  readonly given: ValueType;
  readonly names: Names;
  /** The type of what it gives. */
  readonly gives: ValueType;
  readonly accelerator: Accelerator | null | undefined;
  /** Makes its parts executable. */
  readonly compile: Compile;
}

/** Makes a validated node executable that is given a value of this type: a scorer if it answers. */
export type Compile = (node: Node, given: ValueType, names: Names) => Scorer | Transformer;
