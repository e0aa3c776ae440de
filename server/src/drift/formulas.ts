/** How far two samples lie apart, both given as counts in the same bins. */
type Counts = ArrayLike<number>;

export interface Tested {
  readonly statistic: number;
  /** How likely a statistic as large is where both samples are of one distribution. */
  readonly p: number;
}

/** A share of a bin that holds nothing: its logarithm would be without end. */
const leastShare = 1e-4;

/** The population stability index Σ (q − p) · ln(q / p) of shares p and q: below 0.1 little has moved, above 0.2 much. */
export function stabilityIndex(expected: Counts, observed: Counts): number {
  const [m, n] = [sumOf(expected), sumOf(observed)];
  let sum = 0;
  for (let i = 0; i < expected.length; i++) {
    const p = Math.max(expected[i]! / m, leastShare);
    const q = Math.max(observed[i]! / n, leastShare);
    sum += (q - p) * Math.log(q / p);
  }
  return sum;
}

/** Kolmogorov and Smirnov's test of two samples, of which more than their bins is not known: the statistic is a lower bound then. */
export function kolmogorovSmirnov(expected: Counts, observed: Counts): Tested {
  const [m, n] = [sumOf(expected), sumOf(observed)];
  let [below, own, statistic] = [0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    below += expected[i]!;
    own += observed[i]!;
    statistic = Math.max(statistic, Math.abs(below / m - own / n));
  }
  return { statistic, p: kolmogorovTail(Math.sqrt((m * n) / (m + n)) * statistic) };
}

/** The limit of the distribution for large samples: 2 · Σ (−1)^(k − 1) · exp(−2 k² x²). */
function kolmogorovTail(x: number): number {
  // The series is one of another kind there, and one to sixteen digits.
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * x * x);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-17) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}

/** Pearson's test of whether two samples are of one distribution: both are samples, so neither is taken for the truth. */
export function chiSquare(
  expected: Counts,
  observed: Counts,
): Tested & { readonly degrees: number } {
  const [m, n] = [sumOf(expected), sumOf(observed)];
  let [statistic, degrees] = [0, -1];
  for (let i = 0; i < expected.length; i++) {
    const share = (expected[i]! + observed[i]!) / (m + n);
    if (share === 0) continue;
    degrees++;
    statistic += (expected[i]! - m * share) ** 2 / (m * share);
    statistic += (observed[i]! - n * share) ** 2 / (n * share);
  }
  return { statistic, degrees, p: degrees < 1 ? 1 : gammaTail(degrees / 2, statistic / 2) };
}

function sumOf(counts: Counts): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

/** The upper incomplete gamma function, of its whole: Q(a, x). A power series below a + 1, Lentz's continued fraction above (Numerical Recipes, 6.2). */
function gammaTail(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let k = 1; k < 1000 && term > sum * 1e-17; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return Math.max(0, 1 - sum * scale);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < 1000; k++) {
    const step = -k * (k - a);
    b += 2;
    d = 1 / (step * d + b);
    c = b + step / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction * scale;
}

/** ln Γ(a) of halves from 1/2 on: Stirling's series from 10 on, and a · Γ(a) = Γ(a + 1) to there. */
function logGamma(a: number): number {
  let [x, factor] = [a, 1];
  for (; x < 10; x++) factor *= x;
  const square = 1 / (x * x);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - Math.log(factor);
}
