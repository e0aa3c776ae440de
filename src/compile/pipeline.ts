import { type Value, viewRows } from '../input/dense.js';
import { type Node, type Pipeline, pipelineRules } from '../ir/index.js';
import { zeros } from '../math/zeros.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';
import { chain, handOn, leavesAfter, type Transformer } from './transformer.js';

export const pipeline: NodeKind<Pipeline<Node>> = {
  rules: pipelineRules,
  compile({ steps, transforms, beside, chooser }, { given, names, compile }) {
    let before = handOn(given, names);
    for (const step of steps) {
      const part = compile(step, before.gives, before.names);
      // Nothing comes after what answers.
      if ('score' in part) {
        const composed = steps.length === 1 ? part : compose(before, part);
        const transformer = beside ? (compile(beside, given, names) as Transformer) : before;
        return {
          ...composed,
          ...((beside || transforms) && { transformer }),
          ...(chooser && { choosing: (compile(chooser, given, names) as Scorer).score }),
        };
      }
      before = chain(before, part);
    }
    return before;
  },
};

/** Rows that pass all parts before the next do: what lies between the parts then stays small. */
const blockCells = 2 ** 15;
const fewestRows = 64;

/** A scorer whose input passes through a transformer first. */
export function compose(before: Transformer, last: Scorer): Scorer {
  const { transform, gives } = before;
  const { outputs, head, leaves, deviations, transformer } = last;
  const { decisions, probabilities, probable, logarithms, choosing } = last;
  const after =
    <Result>(method: (x: Value) => Result) =>
    (x: Value): Result =>
      method(transform(x));
  const size = (x: Value): number =>
    Math.max(fewestRows, Math.floor(blockCells / Math.max(gives.columns, x.cols)));
  // Compressed rows come from a composition, which has cut them already.
  const isBlock = (x: Value): boolean => x.rows <= size(x) || x.indptr !== undefined;
  /** Numbers for each row. */
  const inBlocks =
    (method: (x: Value) => Float64Array) =>
    (x: Value): Float64Array => {
      if (isBlock(x)) return method(transform(x));
      let out = zeros(0);
      for (let start = 0; start < x.rows; start += size(x)) {
        const found = method(transform(viewRows(x, start, Math.min(x.rows, start + size(x)))));
        if (start === 0) out = zeros((found.length / size(x)) * x.rows);
        out.set(found, (start * out.length) / x.rows);
      }
      return out;
    };
  const scoreInBlocks =
    (score: Scorer['score']): Scorer['score'] =>
    (x, out) => {
      if (isBlock(x)) return score(transform(x), out);
      let single = false;
      for (let start = 0; start < x.rows; start += size(x)) {
        const block = viewRows(x, start, Math.min(x.rows, start + size(x)));
        single = score(transform(block), out.subarray(start * outputs));
      }
      return single;
    };
  return {
    outputs,
    head,
    leaves: leaves && leavesAfter(before, leaves),
    deviations: deviations && inBlocks(deviations),
    ...(transformer && {
      transformer: { ...transformer, transform: after(transformer.transform) },
    }),
    ...(decisions && { decisions: inBlocks(decisions) }),
    ...(probabilities && { probabilities: inBlocks(probabilities) }),
    ...(logarithms && { logarithms: inBlocks(logarithms) }),
    ...(probable && { probable: scoreInBlocks(probable) }),
    ...(choosing && { choosing: scoreInBlocks(choosing) }),
    score: scoreInBlocks(last.score),
  };
}
