import type { Answers } from './subject.js';

/**
 * What is wrong with answers, in a sentence; null if nothing is. A tolerance of 0 asks for the same bits. Else scores may differ by
 * `tolerance`, relative to those beyond 1, and a label may differ where its own score is that close to the highest.
 */
export function checkAnswers(expected: Answers, given: Answers, tolerance: number): string | null {
  if (expected.labels === null && given.scores === null) return 'no values';
  return (
    checkLabels(expected, given.labels, tolerance) ??
    checkScores(expected.scores, given.scores, tolerance)
  );
}

function checkLabels(
  { labels, scores }: Answers,
  given: Int32Array | null,
  tolerance: number,
): string | null {
  if (labels === null) return null;
  if (given?.length !== labels.length) return `${given?.length ?? 'no'} labels of ${labels.length}`;
  const classes = scores === null ? 0 : scores.length / labels.length;
  for (const [row, label] of labels.entries()) {
    if (given[row] === label) continue;
    const close =
      scores !== null &&
      scores[row * classes + given[row]!]! >= scores[row * classes + label]! - tolerance;
    if (tolerance === 0 || !close) return `row ${row}: class ${given[row]}, expected ${label}`;
  }
  return null;
}

function checkScores(
  expected: Float64Array | null,
  given: Float64Array | null,
  tolerance: number,
): string | null {
  if (expected === null || given === null) return null;
  if (given.length !== expected.length) return `${given.length} scores of ${expected.length}`;
  for (const [i, value] of expected.entries()) {
    const same =
      tolerance === 0
        ? Object.is(given[i], value)
        : Math.abs(given[i]! - value) <= tolerance * Math.max(1, Math.abs(value));
    if (!same) return `score ${i}: ${given[i]}, expected ${value}`;
  }
  return null;
}

/** The column of the highest score of each row, the first of equals. */
export function highestColumns(scores: Float64Array, columns: number): Int32Array {
  return Int32Array.from({ length: scores.length / columns }, (_, row) => {
    let best = 0;
    for (let column = 1; column < columns; column++)
      if (scores[row * columns + column]! > scores[row * columns + best]!) best = column;
    return best;
  });
}
