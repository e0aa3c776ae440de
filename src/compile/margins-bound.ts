import type { Ensemble, Node } from '../ir/index.js';
import { boundAnswer, type EnsembleErrors, type UncertainScorer } from './ensemble-bound.js';
import { compileMargin, shareOfVote } from './margins.js';

type Errors = Float64Array | null;

/** What errors of the parts make of margins side by side, or of votes and shares of votes. */
export function boundMargins(
  { combine, outputs }: Ensemble<Node>,
  parts: readonly UncertainScorer[],
  rows: number,
): EnsembleErrors {
  const margins = parts.map(boundMargin);
  const none = { decisions: null, transformed: null };
  if (combine === 'one-vs-one')
    return { ...none, error: boundVotes(parts, margins, rows, outputs) };
  const asked = parts.every(
    ({ scorer: { head } }) => head.task === 'classifier' && head.probability,
  );
  return {
    ...none,
    error: besideEachOther(margins, rows),
    probable: asked ? besideEachOther(parts.map(boundProbability), rows) : null,
  };
}

function boundMargin(part: UncertainScorer): Errors {
  const { head } = part.scorer;
  if (head.task !== 'classifier') return boundAnswer(part, 'predict');
  return head.decisionFunction ? boundAnswer(part, 'decision_function') : boundProbability(part);
}

/** Of the second class. */
const boundProbability = (part: UncertainScorer): Errors =>
  boundAnswer(part, 'predict_proba')?.filter((_, i) => i % 2 === 1) ?? null;

function besideEachOther(errors: readonly Errors[], rows: number): Errors {
  if (errors.every((error) => error === null)) return null;
  return Float64Array.from(
    { length: rows * errors.length },
    (_, i) => errors[i % errors.length]?.[Math.floor(i / errors.length)] ?? 0,
  );
}

/** Anything in rows where a vote may be another; else what sums of margins that are off make of shares of votes. */
function boundVotes(
  parts: readonly UncertainScorer[],
  errors: readonly Errors[],
  rows: number,
  outputs: number,
): Errors {
  if (errors.every((error) => error === null)) return null;
  const classes = outputs === 1 ? 2 : outputs;
  const choices = parts.map((part) => boundAnswer(part, 'predict'));
  const margins = parts.map(({ scorer, value }) => {
    const found = new Float64Array(rows);
    compileMargin(scorer)(value, found);
    return found;
  });
  const result = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const sums = new Float64Array(classes);
    const sizes = new Float64Array(classes);
    const moved = new Float64Array(classes);
    let pair = 0;
    for (let i = 0; i < classes; i++)
      for (let j = i + 1; j < classes; j++, pair++) {
        const margin = margins[pair]![row]!;
        const error = (errors[pair]?.[row] ?? 0) + (choices[pair]?.[row] ?? 0);
        sums[i]! -= margin;
        sums[j]! += margin;
        for (const k of [i, j]) {
          sizes[k]! += Math.abs(margin);
          moved[k]! += error;
        }
      }
    for (let k = classes - outputs; k < classes; k++) {
      // What is added to a sum that is off is rounded otherwise, too; and so are the share, and the vote that it is added to.
      const off = moved[k]! + classes * 2 ** -53 * sizes[k]!;
      const share = shareOfVote(sums[k]!);
      const most = Math.max(
        Math.abs(shareOfVote(sums[k]! + off) - share),
        Math.abs(shareOfVote(sums[k]! - off) - share),
      );
      const at = row * outputs + k - (classes - outputs);
      result[at] = off < Number.POSITIVE_INFINITY ? most + (classes + 1) * 2 ** -52 : off;
    }
  }
  return result;
}
