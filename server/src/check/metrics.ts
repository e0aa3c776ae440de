/** Metrics of scikit-learn's names, of labels as text or of numbers. */
export type Metric = 'accuracy' | 'f1' | 'roc_auc' | 'log_loss' | 'r2' | 'mae' | 'rmse';

/** The share of labels that are right. */
export const accuracy = (truth: readonly string[], found: readonly string[]): number =>
  mean(truth.map((label, i) => Number(label === found[i])));

/** The mean over all labels of 2 · hits / (2 · hits + misses): F1 with the average `macro`. */
export function macroF1(truth: readonly string[], found: readonly string[]): number {
  const labels = [...new Set([...truth, ...found])];
  return mean(
    labels.map((label) => {
      const hits = truth.filter((one, i) => one === label && found[i] === label).length;
      const named = truth.filter((one) => one === label).length;
      return (2 * hits) / (named + found.filter((one) => one === label).length);
    }),
  );
}

/** The area under the ROC curve: of two classes that of the second, of more the mean of each against the rest. */
export function rocAuc(
  truth: readonly string[],
  probabilities: readonly (readonly number[])[],
  classes: readonly string[],
): number {
  const area = (column: number) =>
    areaOf(
      truth.map((label) => label === classes[column]),
      probabilities.map((row) => row[column]!),
    );
  return classes.length === 2 ? area(1) : mean(classes.map((_, column) => area(column)));
}

/** Mann and Whitney's statistic: how often a row of the class has the higher score, of equal ones half. */
function areaOf(isClass: readonly boolean[], scores: readonly number[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [ranks, positives] = [0, 0];
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const own = order.slice(start, end).filter((i) => isClass[i]).length;
    ranks += (own * (start + 1 + end)) / 2;
    positives += own;
    start = end;
  }
  const negatives = scores.length - positives;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** The mean of −ln of the probabilities that the right classes were given. */
export function logLoss(
  truth: readonly string[],
  probabilities: readonly (readonly number[])[],
  classes: readonly string[],
): number {
  return mean(
    probabilities.map((row, i) => {
      const sum = row.reduce((a, b) => a + b, 0);
      const given = (row[classes.indexOf(truth[i]!)] ?? 0) / sum;
      // As scikit-learn: one step of float64 away from 0 and 1.
      return -Math.log(Math.min(Math.max(given, Number.EPSILON), 1 - Number.EPSILON));
    }),
  );
}

export const meanAbsoluteError = (truth: readonly number[], found: readonly number[]): number =>
  mean(truth.map((value, i) => Math.abs(value - found[i]!)));

export const rootMeanSquaredError = (truth: readonly number[], found: readonly number[]): number =>
  Math.sqrt(mean(truth.map((value, i) => (value - found[i]!) ** 2)));

/** 1 − Σ (y − ŷ)² / Σ (y − ȳ)². */
export function determination(truth: readonly number[], found: readonly number[]): number {
  const middle = mean(truth);
  const spread = mean(truth.map((value) => (value - middle) ** 2));
  return 1 - mean(truth.map((value, i) => (value - found[i]!) ** 2)) / spread;
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;
