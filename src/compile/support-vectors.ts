import type { Value } from '../input/dense.js';
import { type SupportVectors, supportVectorsRules } from '../ir/index.js';
import { rounding } from '../math/rounding.js';
import { zeros } from '../math/zeros.js';
import { couple } from './couple.js';
import type { NodeKind } from './kind.js';
import { shareOfVote } from './margins.js';
import { eachPair } from './pairs.js';
import type { Answer, Scorer } from './scorer.js';

export const supportVectors: NodeKind<SupportVectors> = {
  rules: supportVectorsRules,
  compile: compileSupportVectors,
};

function compileSupportVectors(node: SupportVectors): Scorer {
  const { outputs, head, sigmoids, intercepts, breakTies, precision } = node;
  const single = precision === 'float32';
  const round = rounding(single);
  const classes = outputs === 1 ? 2 : outputs;
  const pairs = intercepts.length;
  const ofPairs = head.task === 'classifier' && head.pairs === true;
  const found = zeros(pairs);
  const scores = zeros(outputs);
  const sums = zeros(outputs);

  /** What `of` makes of each row's decisions: `columns` numbers. */
  const eachRow = (
    columns: number,
    of: (decisions: Float64Array) => ArrayLike<number>,
  ): Answer => ({
    columns,
    write({ data, rows, cols }, out) {
      for (let row = 0; row < rows; row++) {
        decide(node, data, row * cols, found);
        const made = of(found);
        for (let i = 0; i < columns; i++) out[row * columns + i] = made[i]!;
      }
      return single;
    },
  });
  const turn = (decisions: Float64Array): Float64Array => {
    scores[0] = -decisions[0]!;
    return scores;
  };
  const vote = (decisions: Float64Array) => countVotes(decisions, scores, null);
  const confide = (decisions: Float64Array) => countVotes(decisions, scores, sums);
  const scoreOf = outputs === 1 ? turn : breakTies ? confide : vote;
  return {
    outputs,
    head,
    score: eachRow(outputs, scoreOf).write,
    decisions:
      outputs > 1 && !breakTies
        ? ofPairs
          ? eachRow(pairs, (decisions) => decisions)
          : eachRow(outputs, confide)
        : null,
    probabilities:
      sigmoids && eachRow(classes, (decisions) => couple(decisions, sigmoids, classes, round)),
  };
}

/** The decisions between every two classes, added up in libsvm's order. */
export function decide(
  { features, starts, coefficients, intercepts, precision }: SupportVectors,
  similarities: Value['data'],
  at: number,
  out: Float64Array,
): void {
  const classes = starts.length - 1;
  const round = rounding(precision === 'float32');
  eachPair(classes, (i, j, pair) => {
    let sum = 0;
    const first = (j - 1) * features;
    for (let k = starts[i]!; k < starts[i + 1]!; k++)
      sum += round(coefficients[first + k]! * similarities[at + k]!);
    const second = i * features;
    for (let k = starts[j]!; k < starts[j + 1]!; k++)
      sum += round(coefficients[second + k]! * similarities[at + k]!);
    out[pair] = round(sum + intercepts[pair]!);
  });
}

/**
 * How many decisions each class wins: one of 0 is won by the second class for libsvm, by the first for scikit-learn's scores. These find the `sums` of each
 * class's own decisions, too, and add the share of a vote that such makes.
 */
function countVotes(
  decisions: Float64Array,
  votes: Float64Array,
  sums: Float64Array | null,
): Float64Array {
  votes.fill(0);
  sums?.fill(0);
  eachPair(votes.length, (i, j, pair) => {
    const decision = decisions[pair]!;
    const wins = sums ? !(decision < 0) : decision > 0;
    votes[wins ? i : j]!++;
    if (sums) {
      sums[i]! += decision;
      sums[j]! -= decision;
    }
  });
  sums?.forEach((sum, i) => {
    votes[i]! += shareOfVote(sum);
  });
  return votes;
}
