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
  readonly precision?: 'float32';
  readonly head: { readonly pairs?: boolean };
}

interface Pair {
  readonly i: number;
  readonly j: number;
  readonly decision: number;
}

function decisionsOf(node: Machine, x: readonly number[]): Pair[] {
  const classes = Math.max(node.outputs, 2);
  const round = roundingOf(node);
  const found: Pair[] = [];
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++) {
      const products = (own: number, row: number) =>
        x.flatMap((cell, m) => {
          const isOwn = m >= node.starts[own]! && m < node.starts[own + 1]!;
          return isOwn ? [round(cell * node.coefficients[row * node.features + m]!)] : [];
        });
      const all = [...products(i, j - 1), ...products(j, i), node.intercepts[found.length]!];
      found.push({ i, j, decision: round(all.reduce((sum, term) => sum + term, 0)) });
    }
  }
  return found;
}

const roundingOf = ({ precision }: Machine) => (precision ? Math.fround : Number);

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
  const f = roundingOf(node);
  const r = classes.map(() => new Array<number>(k).fill(0));
  decisionsOf(node, x).forEach(({ i, j, decision }, at) => {
    const [a, b] = [node.sigmoids[2 * at]!, node.sigmoids[2 * at + 1]!];
    const z = f(f(a * decision) + b);
    const v = f(1 / f(1 + f(Math.exp(-Math.abs(z)))));
    const half = z < 0 ? f(1 - f(1 - v)) : f(1 - v);
    const free = node.precision ? half : 1 / (1 + Math.exp(z));
    const own = Math.min(Math.max(free, f(1e-7)), f(1 - f(1e-7)));
    r[i]![j] = own;
    r[j]![i] = f(1 - own);
  });
  const total = (terms: readonly number[]) => terms.reduce((sum, term) => f(sum + f(term)), 0);
  const Q = classes.map((i) =>
    classes.map((j) =>
      i === j ? total(classes.map((m) => r[m]![i]! ** 2)) : f(-r[j]![i]! * r[i]![j]!),
    ),
  );
  let p = classes.map(() => f(1 / k));
  for (let round = 0; round < Math.max(100, k); round++) {
    let q = Q.map((row) => total(row.map((one, j) => one * p[j]!)));
    let t = total(p.map((one, i) => one * q[i]!));
    if (!q.some((one) => !(Math.abs(f(one - t)) < f(f(0.005) / k)))) break;
    for (const i of classes) {
      const step = f(f(t - q[i]!) / Q[i]![i]!);
      const over = (value: number) => f(value / f(1 + step));
      p[i] = f(p[i]! + step);
      t = over(over(f(t + f(step * f(f(step * Q[i]![i]!) + 2 * q[i]!)))));
      q = q.map((one, j) => over(f(one + f(step * Q[i]![j]!))));
      p = p.map(over);
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
