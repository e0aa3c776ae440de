import { runInThisContext } from 'node:vm';
import { highestColumns } from '../answers.js';
import { batchTimer } from '../batches.js';
import type { Answers, Peer } from '../subject.js';
import { checkedBatch, plainRows, readFileOf, type Workload } from '../workload.js';

const name = 'm2cgen';

/** It adds in another order than scikit-learn. */
const tolerance = 1e-9;

/** One row's value, or the scores of its classes. */
type Score = (row: readonly number[]) => number | number[];

/** The JavaScript that m2cgen generated of the model, run as it is. */
export const m2cgen: Peer = {
  name,
  async open(workload) {
    const code = readFileOf(workload, 'm2cgen.js');
    if (code === null)
      return { absent: workload.absent['m2cgen.js'] ?? 'there is no JavaScript by m2cgen' };
    const score = runInThisContext(`(() => {${code.toString()}\nreturn score;})()`) as Score;
    return {
      name,
      version: 'generated',
      tolerance,
      answer: async () => answer(score, workload),
      time: batchTimer(workload, plainRows, (rows) => {
        let last = 0;
        for (const row of rows) last = choose(score(row));
        return last;
      }),
    };
  },
};

function choose(scores: number | number[]): number {
  if (typeof scores === 'number') return scores;
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}

function answer(score: Score, workload: Workload): Answers {
  const scores = Float64Array.from(plainRows(checkedBatch(workload)).flatMap((row) => score(row)));
  if (workload.classes === null) return { labels: null, scores };
  const labels = highestColumns(scores, workload.classes);
  // Of a linear model it gives margins, not probabilities.
  return { labels, scores: workload.trees > 0 ? scores : null };
}
