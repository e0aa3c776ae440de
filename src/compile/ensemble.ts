import type { Value } from '../input/dense.js';
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
import { compileAnswer, compileChoice, handOnAnswer } from './answers.js';
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
    const { outputs, head, combine, weights, divisor, folded, precision } = node;
    const columns = folded ? 2 : outputs;
    const scorers = compileParts(node, scope);
    const others = scoresOtherwise(node, scorers);
    const members = others ? [] : scorers.map((scorer, i) => memberOf(node, scorer, i, columns));
    let scratch = zeros(0);

    function score(x: Value, out: Float64Array): boolean {
      if (others) return others.score(x, out);
      const count = x.rows * columns;
      if (folded && scratch.length < count) scratch = zeros(count);
      const sums = folded ? scratch : out;
      const single =
        addUp(members, x, sums, count, Number) &&
        combine === 'mean' &&
        weights === null &&
        precision === null;
      if (single) addUp(members, x, sums, count, Math.fround);
      const round = rounding(single);
      if (divisor) for (let i = 0; i < count; i++) sums[i] = round(sums[i]! / divisor[0]!);
      if (folded)
        for (let row = 0; row < x.rows; row++) out[row] = -sums[2 * row]! + sums[2 * row + 1]!;
      return single;
    }

    const { logProbability } = head.task === 'classifier' ? head : { logProbability: null };
    return {
      outputs,
      head,
      score,
      probable: others?.probable,
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

/** How scores are found that are no sums of what parts contribute. */
function scoresOtherwise(
  { combine, weights, outputs }: Ensemble<Node>,
  scorers: readonly Scorer[],
): Pick<Scorer, 'score' | 'probable'> | null {
  if (combine === 'one-vs-rest') return oneVsRest(scorers);
  if (combine === 'one-vs-one') return { score: oneVsOne(scorers, outputs) };
  return combine === 'median' ? { score: medianOf(scorers, weights) } : null;
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
  const choose = compileChoice(scorer);
  return {
    columns: 1,
    write(x, out) {
      const chosen = choose(x);
      for (let row = 0; row < x.rows; row++) out[row] = classes![chosen[row]!]!;
      return false;
    },
  };
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

/** The first `count` sums of all members' contributions, each rounded by `round`; whether all of them were float32. */
function addUp(
  members: readonly Member[],
  x: Value,
  sums: Float64Array,
  count: number,
  round: Round,
  start = 0,
): boolean {
  sums.fill(start, 0, count);
  let single = true;
  for (const add of members) single = add(x, sums, round) && single;
  return single;
}

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
  const answers = scorers.map((scorer) => compileAnswer(scorer, 'predict'));
  const count = answers.length;
  let columns: Float64Array[] = [];
  return (x, out) => {
    if ((columns[0]?.length ?? 0) < x.rows) columns = answers.map(() => zeros(x.rows));
    let single = true;
    answers.forEach(({ write }, i) => {
      single = write(x, columns[i]!) && single;
    });
    for (let row = 0; row < x.rows; row++) {
      const order = sortedOrder(columns.map((column) => column[row]!));
      let total = 0;
      for (const i of order) total += weights?.[i] ?? 1;
      let reached = 0;
      let place = 0;
      for (; place < count - 1; place++) {
        reached += weights?.[order[place]!] ?? 1;
        if (reached >= 0.5 * total) break;
      }
      out[row] = columns[order[place]!]![row]!;
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
  return {
    columns,
    write(x, out) {
      const count = x.rows * columns;
      const single =
        addUp(members, x, out, count, Number) && addUp(members, x, out, count, Math.fround);
      changeInPlace(out, count, single, (sum) => sum / scorers.length);
      return single;
    },
  };
}

/** The logarithms of the mean of probabilities, added up as logarithms. */
function meanLogarithms({ parts, head }: Ensemble<Node>, scorers: readonly Scorer[]): Answer {
  const columns = classCount(head as ClassifierHead);
  const members = scorers.map((scorer, i) =>
    adder(compileAnswer(scorer, 'predict_proba', true), columns, parts[i]!.classes, null),
  );
  const all = log(scorers.length);
  return {
    columns,
    write(x, out) {
      const count = x.rows * columns;
      addUp(members, x, out, count, Number, -Infinity);
      changeInPlace(out, count, false, (sum) => sum - all);
      return false;
    },
  };
}
