import type { Names } from '../input/dense.js';
import {
  inputNames,
  type Node,
  outputWith,
  type RulesOf,
  type RunnableModel,
  typeOfInput,
  type ValueType,
} from '../ir/index.js';
import type { Accelerator } from './accelerator.js';
import { ValueBuffer } from './buffer.js';
import { checkFinite } from './finite.js';
import type { Compile, NodeKind } from './kind.js';
import {
  answers,
  center,
  countSketch,
  curve,
  donors,
  elementwise,
  encode,
  ensemble,
  factorization,
  gaussian,
  gaussianProcess,
  impute,
  kernel,
  leafModels,
  linear,
  neighbors,
  pipeline,
  polynomial,
  pursuit,
  rounds,
  rowNorm,
  scores,
  select,
  spline,
  supportVectors,
  tally,
  trees,
  union,
  vectorize,
} from './kinds.js';
import type { Scorer } from './scorer.js';
import type { Transformer } from './transformer.js';

/** Every kind. Only functions ask: a program that names a few kinds carries no others. A bundle of all carries none of their names. */
export const allKinds = (): readonly NodeKind[] => [
  answers,
  center,
  countSketch,
  curve,
  donors,
  elementwise,
  encode,
  ensemble,
  factorization,
  gaussian,
  gaussianProcess,
  impute,
  kernel,
  leafModels,
  linear,
  neighbors,
  pipeline,
  polynomial,
  pursuit,
  rounds,
  rowNorm,
  scores,
  select,
  spline,
  supportVectors,
  tally,
  trees,
  union,
  vectorize,
];

/** Makes a validated model executable: a scorer if it answers. */
export const compileModel = (
  { root, input }: RunnableModel,
  accelerator?: Accelerator | null,
): Scorer | Transformer =>
  createCompiler(allKinds(), accelerator)(root, typeOfInput(input), inputNames(input));

/** Makes a validated node without a head executable. */
export const compileTransformer = (node: Node, given: ValueType, names: Names): Transformer =>
  createCompiler(allKinds())(node, given, names) as Transformer;

/** What makes validated nodes of some kinds executable. */
export function createCompiler(
  known: readonly NodeKind[],
  accelerator?: Accelerator | null,
): Compile {
  const compile: Compile = (node, given, names) => {
    const gives = outputWith(rulesIn(known), node, given, '', Infinity);
    const kind = findKind(known, node.kind)!;
    if ('compile' in kind) {
      const made = kind.compile(node as never, { given, names, gives, accelerator, compile });
      return 'score' in made ? (accelerator?.multiply(node, made) ?? made) : made;
    }
    const policy = 'nonFinite' in node ? node.nonFinite : 'any';
    // What gives the same columns gives their names, too.
    const outNames = gives === given ? names : null;
    const run = kind.transform(node as never, new ValueBuffer(gives, outNames), given);
    return {
      gives,
      names: outNames,
      transform(x) {
        checkFinite(policy, x);
        return run(x);
      },
    };
  };
  return compile;
}

/** The rules of some kinds by name. */
export const rulesIn =
  (known: readonly NodeKind[]): RulesOf =>
  (name) =>
    findKind(known, name)?.rules;

const findKind = (known: readonly NodeKind[], name: string): NodeKind | undefined =>
  known.find(({ rules }) => rules.kind === name);
