import type { Value } from '../input/dense.js';
import { type Answer, compileAnswer, compileChoice } from './answers.js';
import type { Scorer } from './scorer.js';

/** What scorers of two classes say for the second of them: their margins, a column each, or their probabilities. */
export function oneVsRest(scorers: readonly Scorer[]): Pick<Scorer, 'score' | 'probable'> {
  const has = scorers.every(({ head }) => head.task === 'classifier' && head.probability !== null);
  return {
    score: sideBySide(scorers.map(compileMargin)),
    ...(has && { probable: sideBySide(scorers.map(compileProbability)) }),
  };
}

/** A classifier's margin, or else the probability of its second class; what a regressor predicts. */
export function compileMargin(scorer: Scorer): Answer {
  const { head } = scorer;
  if (head.task !== 'classifier') return compileAnswer(scorer, 'predict');
  return head.decisionFunction
    ? compileAnswer(scorer, 'decision_function')
    : compileProbability(scorer);
}

function compileProbability(scorer: Scorer): Answer {
  const { write } = compileAnswer(scorer, 'predict_proba');
  let found = new Float64Array(0);
  return {
    columns: 1,
    write(x, out) {
      if (found.length < 2 * x.rows) found = new Float64Array(2 * x.rows);
      const single = write(x, found);
      for (let row = 0; row < x.rows; row++) out[row] = found[2 * row + 1]!;
      return single;
    },
  };
}

/** Answers of a column each. */
function sideBySide(answers: readonly Answer[]): Scorer['score'] {
  const { length } = answers;
  let found = new Float64Array(0);
  return (x, out) => {
    if (found.length < x.rows) found = new Float64Array(x.rows);
    let single = true;
    answers.forEach(({ write }, i) => {
      single = write(x, found) && single;
      for (let row = 0; row < x.rows; row++) out[row * length + i] = found[row]!;
    });
    return single;
  };
}

/** Votes of a scorer for each pair of classes, and fractions of votes that their margins make. */
export function oneVsOne(scorers: readonly Scorer[], outputs: number): Scorer['score'] {
  const pairs = scorers.map((scorer) => ({
    choose: compileChoice(scorer),
    margin: compileMargin(scorer),
  }));
  const classes = outputs === 1 ? 2 : outputs;
  let margins = new Float64Array(0);
  let sums = new Float64Array(0);
  let votes = new Float64Array(0);
  return (x: Value, out) => {
    const { rows } = x;
    if (margins.length < rows) {
      margins = new Float64Array(rows);
      sums = new Float64Array(rows * classes);
      votes = new Float64Array(rows * classes);
    }
    sums.fill(0, 0, rows * classes);
    votes.fill(0, 0, rows * classes);
    let pair = 0;
    for (let i = 0; i < classes; i++) {
      for (let j = i + 1; j < classes; j++) {
        const { choose, margin } = pairs[pair++]!;
        margin.write(x, margins);
        const chosen = choose(x);
        for (let row = 0; row < rows; row++) {
          const at = row * classes;
          sums[at + i]! -= margins[row]!;
          sums[at + j]! += margins[row]!;
          votes[at + (chosen[row] === 0 ? i : j)]!++;
        }
      }
    }
    const first = classes - outputs;
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < outputs; k++) {
        const at = row * classes + first + k;
        out[row * outputs + k] = votes[at]! + shareOfVote(sums[at]!);
      }
    return false;
  };
}

/** Less than a third of a vote, however large margins are. */
export const shareOfVote = (sum: number): number => sum / (3 * (Math.abs(sum) + 1));
