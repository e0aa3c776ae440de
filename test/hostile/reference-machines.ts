/**
 * Nodes that answer from similarities, of one row: part of the reference evaluator, written from formats/nut/SPEC.md alone.
 */

type Numbers = ArrayLike<number>;

interface Machine {
  readonly features: number;
  readonly outputs: number;
  readonly starts: Numbers;
  readonly coefficients: Numbers;
  readonly intercepts: Numbers;
  readonly breakTies: boolean;
  readonly sigmoids: Numbers;
  readonly head: { readonly pairs?: boolean };
}

interface Pair {
  readonly i: number;
  readonly j: number;
  readonly decision: number;
}

function decisionsOf(node: Machine, x: readonly number[]): Pair[] {
  const classes = Math.max(node.outputs, 2);
  const found: Pair[] = [];
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++) {
      const ofClass = (own: number, row: number) =>
        x.reduce((sum, cell, m) => {
          const isOwn = m >= node.starts[own]! && m < node.starts[own + 1]!;
          return isOwn ? sum + cell * node.coefficients[row * node.features + m]! : sum;
        }, 0);
      const decision = ofClass(i, j - 1) + ofClass(j, i) + node.intercepts[found.length]!;
      found.push({ i, j, decision });
    }
  }
  return found;
}

const votesOf = (pairs: readonly Pair[], classes: number, firstWins: (d: number) => boolean) =>
  Array.from(
    { length: classes },
    (_, k) => pairs.filter(({ i, j, decision }) => (firstWins(decision) ? i : j) === k).length,
  );

function confidencesOf(pairs: readonly Pair[], classes: number): number[] {
  return votesOf(pairs, classes, (d) => !(d < 0)).map((votes, k) => {
    const c = pairs.reduce(
      (sum, { i, j, decision }) => sum + (i === k ? decision : j === k ? -decision : 0),
      0,
    );
    return votes + c / (3 * (Math.abs(c) + 1));
  });
}

export function machineScores(map: unknown, x: readonly number[]): number[] {
  const node = map as Machine;
  const pairs = decisionsOf(node, x);
  if (node.outputs === 1) return pairs.map(({ decision }) => -decision);
  return node.breakTies
    ? confidencesOf(pairs, node.outputs)
    : votesOf(pairs, node.outputs, (d) => d > 0);
}

export function machineDecisions(map: unknown, x: readonly number[]): number[] {
  const node = map as Machine;
  const pairs = decisionsOf(node, x);
  if (node.outputs === 1) return machineScores(node, x);
  return node.head.pairs
    ? pairs.map(({ decision }) => decision)
    : confidencesOf(pairs, node.outputs);
}

export function machineProbabilities(map: unknown, x: readonly number[]): number[] {
  const node = map as Machine;
  const k = Math.max(node.outputs, 2);
  const classes = Array.from({ length: k }, (_, i) => i);
  const r = classes.map(() => new Array<number>(k).fill(0));
  decisionsOf(node, x).forEach(({ i, j, decision }, at) => {
    const [a, b] = [node.sigmoids[2 * at]!, node.sigmoids[2 * at + 1]!];
    const own = Math.min(Math.max(1 / (1 + Math.exp(a * decision + b)), 1e-7), 1 - 1e-7);
    r[i]![j] = own;
    r[j]![i] = 1 - own;
  });
  const total = (terms: readonly number[]) => terms.reduce((sum, term) => sum + term, 0);
  const Q = classes.map((i) =>
    classes.map((j) =>
      i === j ? total(classes.map((m) => r[m]![i]! ** 2)) : -r[j]![i]! * r[i]![j]!,
    ),
  );
  let p = classes.map(() => 1 / k);
  for (let round = 0; round < Math.max(100, k); round++) {
    let q = Q.map((row) => total(row.map((one, j) => one * p[j]!)));
    let t = total(p.map((one, i) => one * q[i]!));
    if (!q.some((one) => !(Math.abs(one - t) < 0.005 / k))) break;
    for (const i of classes) {
      const step = (t - q[i]!) / Q[i]![i]!;
      p[i]! += step;
      t = (t + step * (step * Q[i]![i]! + 2 * q[i]!)) / (1 + step) ** 2;
      q = q.map((one, j) => (one + step * Q[i]![j]!) / (1 + step));
      p = p.map((one) => one / (1 + step));
    }
  }
  return p;
}

interface Process {
  readonly features: number;
  readonly outputs: number;
  readonly coefficients: Numbers;
  readonly scales: Numbers;
  readonly offsets: Numbers;
  readonly factor: Numbers;
  readonly weights?: Numbers | null;
}

export function processScores(map: unknown, x: readonly number[]): number[] {
  const { outputs, coefficients, scales, offsets } = map as Process;
  const count = x.length - 1;
  return Array.from({ length: outputs }, (_, k) => {
    const mean = x
      .slice(0, count)
      .reduce((sum, cell, i) => sum + cell * coefficients[k * count + i]!, 0);
    return scales[k]! * mean + offsets[k]!;
  });
}

function processVariance(map: unknown, x: readonly number[]): number {
  const { factor, weights } = map as Process;
  const count = x.length - 1;
  const v: number[] = [];
  for (let i = 0; i < count; i++) {
    const row = (i * (i + 1)) / 2;
    const known = v.reduce((sum, one, j) => sum + factor[row + j]! * one, 0);
    v.push(((weights?.[i] ?? 1) * x[i]! - known) / factor[row + i]!);
  }
  return x[count]! - v.reduce((sum, one) => sum + one * one, 0);
}

export function processDeviations(map: unknown, x: readonly number[]): number[] {
  const { scales } = map as Process;
  const variance = Math.max(processVariance(map, x), 0);
  return Array.from(scales, (scale) => Math.sqrt(variance * scale ** 2));
}

/** By Simpson's rule, fine enough for what is compared. */
function erf(x: number): number {
  const steps = 4000;
  const width = Math.min(Math.max(x, -6), 6) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4;
    sum += weight * Math.exp(-((i * width) ** 2));
  }
  return (2 / Math.sqrt(Math.PI)) * sum * (width / 3);
}

export function processProbabilities(map: unknown, x: readonly number[]): number[] {
  const lambdas = [0.41, 0.4, 0.37, 0.44, 0.39];
  const shares = [-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654];
  const variance = processVariance(map, x);
  const alpha = 1 / (2 * variance);
  const [mean] = processScores(map, x);
  const second = lambdas.reduce((sum, lambda, i) => {
    const inside = lambda * mean! * Math.sqrt(alpha / (alpha + lambda ** 2));
    const integral =
      (Math.sqrt(Math.PI / alpha) * erf(inside)) / (2 * Math.sqrt(variance * 2 * Math.PI));
    return sum + shares[i]! * (integral + 0.5);
  }, 0);
  return [1 - second, second];
}
