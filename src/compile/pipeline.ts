import { viewRows } from '../input/dense.js';
import { type Node, type Pipeline, pipelineRules } from '../ir/index.js';
import type { NodeKind } from './kind.js';
import type { Answer, Scorer, Write } from './scorer.js';
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
  const { outputs, leaves, transformer, choosing, probable } = last;
  const inBlocks = (columns: number, write: Write): Write => {
    return (x, out) => {
      const size = Math.max(fewestRows, Math.floor(blockCells / Math.max(gives.columns, x.cols)));
      // Compressed rows come from a composition, which has cut them already.
      if (x.rows <= size || x.indptr) return write(transform(x), out);
      let single = false;
      for (let start = 0; start < x.rows; start += size) {
        const block = viewRows(x, start, Math.min(x.rows, start + size));
        single = write(transform(block), out.subarray(start * columns));
      }
      return single;
    };
  };
  const after = (answer: Answer | null | undefined): Answer | null | undefined =>
    answer && { ...answer, write: inBlocks(answer.columns, answer.write) };
  return {
    ...last,
    score: inBlocks(outputs, last.score),
    leaves: leaves && leavesAfter(before, leaves),
    transformer: transformer && chain(before, transformer),
    deviations: after(last.deviations),
    decisions: after(last.decisions),
    probabilities: after(last.probabilities),
    logarithms: after(last.logarithms),
    probable: probable && inBlocks(outputs, probable),
    choosing: choosing && inBlocks(outputs, choosing),
  };
}
