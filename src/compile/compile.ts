import { NuthatchError } from '../errors.js';
import type { Node } from '../ir/index.js';
import { compileLinear } from './linear.js';
import { chain, compose } from './pipeline.js';
import type { Scorer, Transformer } from './scorer.js';
import { compileSelect } from './select.js';
import { compileTrees } from './trees.js';

/** Makes a validated node that answers executable. */
export function compileScorer(node: Node): Scorer {
  switch (node.kind) {
    case 'trees':
      return compileTrees(node);
    case 'linear':
      return compileLinear(node);
    case 'pipeline': {
      const last = compileScorer(node.steps[node.steps.length - 1]!);
      const before = node.steps.slice(0, -1).map(compileTransformer);
      return before.length === 0 ? last : compose(chain(before), last);
    }
    default:
      return misplaced(node);
  }
}

/** Makes a validated node that transforms executable. */
export function compileTransformer(node: Node): Transformer {
  switch (node.kind) {
    case 'select':
      return compileSelect(node);
    case 'pipeline':
      return chain(node.steps.map(compileTransformer));
    default:
      return misplaced(node);
  }
}

/** Validation lets no such node through; a description that was not validated may hold one. */
function misplaced(node: Node): never {
  throw new NuthatchError('invalid-model', 'model.root', `a ${node.kind} in the wrong place`);
}
