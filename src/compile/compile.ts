import { refuse } from '../errors.js';
import { type Names, pickNames } from '../input/dense.js';
import {
  answers,
  inputNames,
  type Kind,
  type Node,
  type NonFinitePolicy,
  outputOf,
  type RunnableModel,
  typeOfInput,
  type ValueType,
} from '../ir/index.js';
import { ValueBuffer } from './buffer.js';
import { compileBin, compileElementwise } from './elementwise.js';
import { compileEncode, compileOneHot } from './encode.js';
import { checkFinite } from './finite.js';
import { compileLinear } from './linear.js';
import { compileImpute, compileMissingMask } from './missing.js';
import { compose } from './pipeline.js';
import { compilePolynomial } from './polynomial.js';
import { compileRowNorm } from './row-norm.js';
import type { Scorer } from './scorer.js';
import { compileSelect } from './select.js';
import { type CompileTransform, chain, type Transformer } from './transformer.js';
import { compileTrees } from './trees.js';
import { compileUnion } from './union.js';

/** Makes a validated model executable. */
export function compileModel({ root, input }: RunnableModel): Scorer | Transformer {
  const compile = answers(root) ? compileScorer : compileTransformer;
  return compile(root, typeOfInput(input), inputNames(input));
}

const anyMatrix: ValueType = { kind: 'dense', columns: 0 };

/** Makes a validated node that answers executable. */
export function compileScorer(node: Node, given = anyMatrix, names: Names = null): Scorer {
  switch (node.kind) {
    case 'trees':
      return onMatrix(compileTrees(node), given, names);
    case 'linear':
      return node.deviation ? onMatrix(compileLinear(node), given, names) : compileLinear(node);
    case 'pipeline': {
      const before = compileSteps(node.steps.slice(0, -1), given, names);
      const last = compileScorer(node.steps[node.steps.length - 1]!, before.gives, before.names);
      return node.steps.length === 1 ? last : compose(before, last);
    }
    default:
      return misplaced(node);
  }
}

/** A scorer that takes no compressed rows: they are given their zeros. */
function onMatrix(scorer: Scorer, given: ValueType, names: Names): Scorer {
  if (given.kind !== 'sparse') return scorer;
  const { columns: features } = given;
  const parts = [{ columns: null, node: null }];
  const whole: Node = { kind: 'union', features, parts, sparse: false };
  return compose(compileTransformer(whole, given, names), scorer);
}

/** One line for each kind of one transformer: how it is compiled; whether columns keep their names; what it takes if it does not say. */
const transformers: {
  readonly [K in Kind]?: readonly [CompileTransform<never>, boolean, NonFinitePolicy];
} = {
  select: [compileSelect, false, 'any'],
  elementwise: [compileElementwise, true, 'any'],
  impute: [compileImpute, true, 'any'],
  'missing-mask': [compileMissingMask, false, 'any'],
  'one-hot': [compileOneHot, false, 'nan'],
  encode: [compileEncode, false, 'nan'],
  bin: [compileBin, true, 'refuse'],
  'row-norm': [compileRowNorm, true, 'refuse'],
  polynomial: [compilePolynomial, false, 'refuse'],
};

/** Makes a validated node that transforms executable. */
export function compileTransformer(
  node: Node,
  given = anyMatrix,
  names: Names = null,
): Transformer {
  if (node.kind === 'pipeline') return compileSteps(node.steps, given, names);
  if (node.kind === 'union') return compileUnion(node, given, names, compileTransformer);
  const [compile, keepsNames, taken] = transformers[node.kind] ?? misplaced(node);
  const policy = 'nonFinite' in node ? node.nonFinite : taken;
  const gives = outputOf(node, given, '', Infinity);
  const outNames =
    node.kind === 'select' ? pickNames(names, node.columns) : keepsNames ? names : null;
  const run = compile(node as never, new ValueBuffer(gives, outNames), given);
  return {
    gives,
    names: outNames,
    transform(x) {
      checkFinite(policy, x);
      return run(x);
    },
  };
}

function compileSteps(steps: readonly Node[], given: ValueType, names: Names): Transformer {
  const parts: Transformer[] = [];
  let before = chain(given, names, parts);
  for (const step of steps) {
    parts.push(compileTransformer(step, before.gives, before.names));
    before = chain(given, names, parts);
  }
  return before;
}

/** Validation lets no such node through; a description that was not validated may hold one. */
function misplaced(node: Node): never {
  refuse('invalid-model', 'model.root', `a ${node.kind} in the wrong place`);
}
