import { rowOf, type Value } from '../input/dense.js';
import {
  type ClassifierHead,
  classCount,
  type Ensemble,
  ensembleRules,
  type Node,
  type UintArray,
} from '../ir/index.js';
import { sortedOrder } from '../kernels/nearest.js';
import { log } from '../math/log.js';
import { logAddExp } from '../math/log-add-exp.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { type Round, rounding } from '../math/rounding.js';
import { sequentialSum } from '../math/softmax.js';
import { withRoom, zeros } from '../math/zeros.js';
import { answerChoices, compileAnswer, handOnAnswer } from './answers.js';
import { changeInPlace } from './head.js';
import type { NodeKind, Scope } from './kind.js';
import { oneVsOne, oneVsRest, sideBySide } from './margins.js';
import { compose } from './pipeline.js';
import type { Answer, Scorer } from './scorer.js';
import { compileSelect } from './select.js';
import type { Transformer } from './transformer.js';

export const ensemble: NodeKind<Ensemble<Node>> = {
  rules: ensembleRules,
  compile(node, scope) {
    const { outputs, head } = node;
    const scorers = compileParts(node, scope);
    const { logProbability } = head.task === 'classifier' ? head : { logProbability: null };
    return {
      outputs,
      head,
      ...compileScores(node, scorers),
      transformer: node.transforms ? answersOfParts(node, scorers) : null,
      decisions: node.decisions && meanDecisions(scorers),
      logarithms: logProbability === 'parts' ? meanLogarithms(node, scorers) : null,
    };
  },
};

/** Scorers that choose their columns themselves. */
const compileParts = (node: Ensemble<Node>, { given, names, compile }: Scope): Scorer[] =>
  node.parts.map(({ columns, node: part }) => {
    if (columns === null) return compile(part, given, names) as Scorer;
    const chosen = compileSelect(columns, given, names, true);
    return compose(chosen, compile(part, chosen.gives, chosen.names) as Scorer);
  });

/** How scores are found: sums of what parts contribute, but for margins and medians. */
function compileScores(
  node: Ensemble<Node>,
  scorers: readonly Scorer[],
): Pick<Scorer, 'score' | 'probable'> {
  const { combine, weights, outputs, folded, divisor, precision } = node;
  if (combine === 'one-vs-rest') return oneVsRest(scorers);
  if (combine === 'one-vs-one') return { score: oneVsOne(scorers, outputs) };
  if (combine === 'median') return { score: medianOf(scorers, weights) };
  const columns = folded ? 2 : outputs;
  const members = scorers.map((scorer, i) => memberOf(node, scorer, i, columns));
  const mayBeSingle = combine === 'mean' && weights === null && precision === null;
  const { write } = addUp(columns, members, divisor && ((sum) => sum / divisor[0]!), mayBeSingle);
  if (!folded) return { score: write };
  let sums = zeros(0);
  return {
    score(x, out) {
      sums = withRoom(sums, x.rows * columns);
      const single = write(x, sums);
      for (let row = 0; row < x.rows; row++) out[row] = -sums[2 * row]! + sums[2 * row + 1]!;
      return single;
    },
  };
}

/** Adds what a part contributes to the sums [x.rows × columns], and returns whether its answer is float32. */
type Member = (x: Value, sums: Float64Array, round: Round) => boolean;

function memberOf(node: Ensemble<Node>, scorer: Scorer, i: number, columns: number): Member {
  const { combine, parts, weights, misses } = node;
  const weight = weights?.[i] ?? 1;
  const answer = answerOfPart(node, scorer, i);
  if (combine !== 'vote')
    return adder(
      combine === 'samme-r' ? logarithmsOf(answer) : answer,
      columns,
      parts[i]!.classes,
      weight,
    );
  const miss = misses?.[i] ?? 0;
  let found = zeros(0);
  return (x, sums) => {
    found = withRoom(found, x.rows);
    answer.write(x, found);
    for (let row = 0; row < x.rows; row++) {
      const at = row * columns;
      for (let k = 0; k < columns; k++) sums[at + k]! += k === found[row] ? weight : miss;
    }
    return false;
  };
}

/** What a part predicts or its probabilities; with votes, which of the ensemble's classes it chooses. */
function answerOfPart({ combine, parts }: Ensemble<Node>, scorer: Scorer, i: number): Answer {
  const { classes } = parts[i]!;
  if (combine !== 'vote')
    return compileAnswer(scorer, classes === null ? 'predict' : 'predict_proba');
  return answerChoices(scorer, classes!, false);
}

/** Adds each column of an answer, times a weight, to a sum of `columns`: that of `classes`, if there are such. null adds logarithms as such. */
function adder(
  { columns: width, write }: Answer,
  columns: number,
  classes: UintArray | null,
  weight: number | null,
): Member {
  let found = zeros(0);
  return (x, sums, round) => {
    found = withRoom(found, x.rows * width);
    const single = write(x, found);
    for (let row = 0; row < x.rows; row++) {
      for (let k = 0; k < width; k++) {
        const at = row * columns + (classes === null ? k : classes[k]!);
        const value = found[row * width + k]!;
        sums[at] =
          weight === null ? logAddExp(sums[at]!, value) : round(sums[at]! + weight * value);
      }
    }
    return single;
  };
}

/** Sums of all members' contributions, from `start` on, and what `change` makes of them: float32 where it may be and all contributions are. */
const addUp = (
  columns: number,
  members: readonly Member[],
  change: ((sum: number) => number) | null,
  mayBeSingle: boolean,
  start = 0,
): Answer => ({
  columns,
  write(x, out) {
    const count = x.rows * columns;
    const add = (round: Round): boolean => {
      out.fill(start, 0, count);
      let single = mayBeSingle;
      for (const member of members) single = member(x, out, round) && single;
      return single;
    };
    const single = add(Number);
    if (single) add(Math.fround);
    if (change) changeInPlace(out, count, single, change);
    return single;
  },
});

/** (K − 1) · (log p − their mean) of each row's K probabilities. */
const logarithmsOf = ({ columns: width, write }: Answer): Answer => ({
  columns: width,
  write(x, found) {
    const single = write(x, found);
    const round = rounding(single);
    const sum = single ? sequentialSum : pairwiseSum;
    const least = single ? 2 ** -23 : 2 ** -52;
    const share = round(1 / width);
    for (let at = 0; at < x.rows * width; at += width) {
      for (let i = at; i < at + width; i++) found[i] = round(log(Math.max(found[i]!, least)));
      const mean = round(share * sum(found, at, width, round));
      for (let i = at; i < at + width; i++) found[i] = round((width - 1) * round(found[i]! - mean));
    }
    return single;
  },
});

/** Weighted medians of what the parts predict. */
function medianOf(scorers: readonly Scorer[], weights: Float64Array | null): Scorer['score'] {
  const { columns: count, write } = sideBySide(
    1,
    scorers.map((scorer) => compileAnswer(scorer, 'predict').write),
  );
  let found = zeros(0);
  return (x, out) => {
    found = withRoom(found, x.rows * count);
    const single = write(x, found);
    for (let row = 0; row < x.rows; row++) {
      const own = rowOf(found, row, count);
      const order = sortedOrder(own);
      let total = 0;
      for (const i of order) total += weights?.[i] ?? 1;
      let reached = 0;
      let place = 0;
      for (; place < count - 1; place++) {
        reached += weights?.[order[place]!] ?? 1;
        if (reached >= 0.5 * total) break;
      }
      out[row] = own[order[place]!]!;
    }
    return single;
  };
}

/** The parts' answers side by side: classes that they choose where these are voted on, else probabilities or predictions. */
function answersOfParts(node: Ensemble<Node>, scorers: readonly Scorer[]): Transformer {
  const columns = node.combine === 'vote' ? 1 : node.outputs;
  const answer = sideBySide(
    columns,
    scorers.map((scorer, i) => answerOfPart(node, scorer, i).write),
  );
  return handOnAnswer(answer, { kind: 'dense', columns: answer.columns });
}

/** The sums of the parts' margins, divided by their number. */
function meanDecisions(scorers: readonly Scorer[]): Answer {
  const margins = scorers.map((scorer) => compileAnswer(scorer, 'decision_function'));
  const { columns } = margins[0]!;
  const members = margins.map((answer) => adder(answer, columns, null, 1));
  return addUp(columns, members, (sum) => sum / scorers.length, true);
}

/** The logarithms of the mean of probabilities, added up as logarithms. */
function meanLogarithms({ parts, head }: Ensemble<Node>, scorers: readonly Scorer[]): Answer {
  const columns = classCount(head as ClassifierHead);
  const members = scorers.map((scorer, i) =>
    adder(compileAnswer(scorer, 'predict_proba', true), columns, parts[i]!.classes, null),
  );
  const all = log(scorers.length);
  return addUp(columns, members, (sum) => sum - all, false, -Infinity);
}
