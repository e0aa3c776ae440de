import { NuthatchError } from '../errors.js';
import type { Names } from '../input/dense.js';
import {
  answers,
  inputNames,
  type Node,
  type Pipeline,
  type RunnableModel,
  typeOfInput,
  type ValueType,
} from '../ir/index.js';
import { compileBin } from './bin.js';
import { compileDensify } from './densify.js';
import { compileElementwise } from './elementwise.js';
import { compileEncode, compileOneHot } from './encode.js';
import { compileImpute, compileMissingMask } from './impute.js';
import { compileLinear } from './linear.js';
import { compose } from './pipeline.js';
import { compilePolynomial } from './polynomial.js';
import { compileRowNorm } from './row-norm.js';
import type { Scorer } from './scorer.js';
import { compileSelect } from './select.js';
import { chain, type Transformer } from './transformer.js';
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
    case 'trees': {
      const trees = compileTrees(node);
      return given.kind === 'sparse' ? compose(compileDensify(node.features, names), trees) : trees;
    }
    case 'linear':
      return compileLinear(node);
    case 'pipeline': {
      const before = compileSteps(node.steps.slice(0, -1), given, names);
      const last = compileScorer(node.steps[node.steps.length - 1]!, before.gives, before.names);
      return node.steps.length === 1 ? last : compose(before, last);
    }
    default:
      return misplaced(node);
  }
}

/** Makes a validated node that transforms executable. */
export function compileTransformer(
  node: Node,
  given = anyMatrix,
  names: Names = null,
): Transformer {
  switch (node.kind) {
    case 'select':
      return compileSelect(node.columns, given, names);
    case 'elementwise':
      return compileElementwise(node, given, names);
    case 'impute':
      return compileImpute(node, given, names);
    case 'missing-mask':
      return compileMissingMask(node, given, names);
    case 'one-hot':
      return compileOneHot(node, given);
    case 'encode':
      return compileEncode(node, given, names);
    case 'bin':
      return compileBin(node, given, names);
    case 'row-norm':
      return compileRowNorm(node, given, names);
    case 'polynomial':
      return compilePolynomial(node, given);
    case 'union':
      return compileUnion(node, given, names, compileTransformer);
    case 'pipeline':
      return compileSteps(node.steps, given, names);
    default:
      return misplaced(node);
  }
}

function compileSteps(steps: Pipeline<Node>['steps'], given: ValueType, names: Names): Transformer {
  const parts: Transformer[] = [];
  for (const step of steps) {
    const before = chain(given, names, parts);
    parts.push(compileTransformer(step, before.gives, before.names));
  }
  return chain(given, names, parts);
}

/** Validation lets no such node through; a description that was not validated may hold one. */
function misplaced(node: Node): never {
  throw new NuthatchError('invalid-model', 'model.root', `a ${node.kind} in the wrong place`);
}
