import type { Names } from '../input/dense.js';
import {
  answers,
  inputNames,
  type Kind,
  type Linear,
  type Node,
  outputOf,
  type RunnableModel,
  type Trees,
  typeOfInput,
  type Union,
  type ValueType,
} from '../ir/index.js';
import type { Accelerator } from './accelerator.js';
import { ValueBuffer } from './buffer.js';
import { compileElementwise } from './elementwise.js';
import { compileEncode } from './encode.js';
import { checkFinite } from './finite.js';
import { compileImpute } from './impute.js';
import { compileLinear } from './linear.js';
import { compose } from './pipeline.js';
import { compilePolynomial } from './polynomial.js';
import { compileRowNorm } from './row-norm.js';
import type { Scorer } from './scorer.js';
import { compileSelect } from './select.js';
import { type CompileTransform, chain, handOn, type Transformer } from './transformer.js';
import { compileTrees } from './trees.js';
import { compileUnion } from './union.js';

/** Makes a validated model executable. */
export const compileModel = (
  { root, input }: RunnableModel,
  accelerator?: Accelerator | null,
): Scorer | Transformer =>
  (answers(root) ? compileScorer : compileTransformer)(
    root,
    typeOfInput(input),
    inputNames(input),
    accelerator,
  );

/** Makes a validated node that answers executable. */
export function compileScorer(
  node: Node,
  given: ValueType,
  names: Names,
  accelerator?: Accelerator | null,
): Scorer {
  let scorer: Scorer;
  if (node.kind === 'pipeline') {
    const before = compileSteps(node.steps.slice(0, -1), given, names);
    const { gives, names: seen } = before;
    const last = compileScorer(node.steps[node.steps.length - 1]!, gives, seen, accelerator);
    scorer = node.steps.length === 1 ? last : compose(before, last);
  } else {
    // No other kind has a head.
    const last = node as Trees | Linear;
    scorer = last.kind === 'trees' ? compileTrees(last, accelerator) : compileLinear(last);
    if (last.kind === 'trees' || last.deviation) scorer = onMatrix(scorer, given, names);
  }
  return accelerator?.multiply(node, scorer) ?? scorer;
}

/** A scorer that takes no compressed rows: they are given their zeros. */
function onMatrix(scorer: Scorer, given: ValueType, names: Names): Scorer {
  if (given.kind !== 'sparse') return scorer;
  const { columns: features } = given;
  const parts = [{ columns: null, node: null }];
  const whole: Union<Node> = { kind: 'union', features, parts, sparse: false };
  return compose(compileUnion(whole, given, names, compileTransformer), scorer);
}

/** One line for each kind of one transformer: how it is compiled. */
const transformers: { readonly [K in Kind]?: CompileTransform<never> } = {
  elementwise: compileElementwise,
  impute: compileImpute,
  encode: compileEncode,
  'row-norm': compileRowNorm,
  polynomial: compilePolynomial,
};

/** Makes a validated node that transforms executable. */
export function compileTransformer(node: Node, given: ValueType, names: Names): Transformer {
  if (node.kind === 'pipeline') return compileSteps(node.steps, given, names);
  if (node.kind === 'union') return compileUnion(node, given, names, compileTransformer);
  if (node.kind === 'select') return compileSelect(node.columns, given, names, false);
  const policy = 'nonFinite' in node ? node.nonFinite : 'any';
  const gives = outputOf(node, given, '', Infinity);
  // What gives the same columns gives their names, too.
  const outNames = gives === given ? names : null;
  const run = transformers[node.kind]!(node as never, new ValueBuffer(gives, outNames), given);
  return {
    gives,
    names: outNames,
    transform(x) {
      checkFinite(policy, x);
      return run(x);
    },
  };
}

const compileSteps = (steps: readonly Node[], given: ValueType, names: Names): Transformer =>
  steps.reduce(
    (before, step) => chain(before, compileTransformer(step, before.gives, before.names)),
    handOn(given, names),
  );
