import { zeros } from '../math/zeros.js';
import { compileAnswer, compileChoice } from './answers.js';
import { eachPair } from './pairs.js';
import type { Answer, Scorer, Write } from './scorer.js';

/** What scorers of two classes say for the second of them: their margins, a column each, or their probabilities. */
export function oneVsRest(scorers: readonly Scorer[]): Pick<Scorer, 'score' | 'probable'> {
  const has = scorers.every(({ head }) => head.task === 'classifier' && head.probability);
  return {
    score: sideBySide(1, scorers.map(compileMargin)).write,
    ...(has && { probable: sideBySide(1, scorers.map(compileSecond)).write }),
  };
}

/** A classifier's margin, or else the probability of its second class; what a regressor predicts. */
export function compileMargin(scorer: Scorer): Write {
  const { head } = scorer;
  const isClassifier = head.task === 'classifier';
  if (isClassifier && !head.decisionFunction) return compileSecond(scorer);
  return compileAnswer(scorer, isClassifier ? 'decision_function' : 'predict').write;
}

function compileSecond(scorer: Scorer): Write {
  const { write } = compileAnswer(scorer, 'predict_proba');
  return (x, out) => {
    const found = zeros(2 * x.rows);
    const single = write(x, found);
    for (let row = 0; row < x.rows; row++) out[row] = found[2 * row + 1]!;
    return single;
  };
}

/** Answers of `width` columns each. */
export function sideBySide(width: number, answers: readonly Write[]): Answer {
  const columns = width * answers.length;
  return {
    columns,
    write(x, out) {
      const found = zeros(x.rows * width);
      let single = true;
      answers.forEach((write, k) => {
        single = write(x, found) && single;
        for (let row = 0; row < x.rows; row++)
          for (let i = 0; i < width; i++)
            out[row * columns + k * width + i] = found[row * width + i]!;
      });
      return single;
    },
  };
}

/** Votes of a scorer for each pair of classes, and fractions of votes that their margins make. */
export function oneVsOne(scorers: readonly Scorer[], outputs: number): Write {
  const classes = Math.max(outputs, 2);
  const choices = scorers.map(compileChoice);
  const margins = scorers.map(compileMargin);
  return (x, out) => {
    const { rows } = x;
    const found = zeros(rows);
    const sums = zeros(rows * classes);
    const votes = zeros(rows * classes);
    eachPair(classes, (i, j, pair) => {
      margins[pair]!(x, found);
      const chosen = choices[pair]!(x);
      for (let row = 0; row < rows; row++) {
        const at = row * classes;
        sums[at + i]! -= found[row]!;
        sums[at + j]! += found[row]!;
        votes[at + (chosen[row] ? j : i)]!++;
      }
    });
    // Of two classes there may be the column of the second alone.
    for (let i = 0; i < rows * outputs; i++) {
      const at = outputs < classes ? 2 * i + 1 : i;
      out[i] = votes[at]! + shareOfVote(sums[at]!);
    }
    return false;
  };
}

/** Less than a third of a vote, however large margins are. */
export const shareOfVote = (sum: number): number => sum / (3 * (Math.abs(sum) + 1));
