/**
 * What a node of kind `kernel` makes of one row: part of the reference evaluator, written from formats/nut/SPEC.md alone.
 */

type Numbers = ArrayLike<number>;

interface KernelNode {
  readonly features: number;
  readonly references: Numbers;
  readonly steps: readonly string[];
  readonly operands: Numbers;
  readonly diagonal: boolean;
}

/** A result and whether it is float32. */
interface Result {
  readonly value: number;
  readonly single: boolean;
}

const stored = (value: number, single: boolean): Result => ({
  value: single ? Math.fround(value) : value,
  single,
});

/** The cells of a row, and whether they are float32. */
export function compareRow(map: unknown, x: readonly number[], singleRow: boolean) {
  const node = map as KernelNode;
  const single = singleRow && node.references instanceof Float32Array;
  const count = node.references.length / node.features;
  const results = Array.from({ length: count + Number(node.diagonal) }, (_, k) => {
    const y = k < count ? x.map((_cell, i) => node.references[k * node.features + i]!) : x;
    return resultOf(node, x, y, k === count, single);
  });
  return { cells: results.map(({ value }) => value), single: results[0]!.single };
}

function resultOf(
  { steps, operands, features }: KernelNode,
  x: readonly number[],
  y: readonly number[],
  itself: boolean,
  single: boolean,
): Result {
  const waiting: Result[] = [];
  let at = 0;
  const operand = () => operands[at++]!;
  for (const step of steps) {
    switch (step) {
      case 'constant':
        waiting.push(stored(operand(), false));
        continue;
      case 'noise': {
        const level = operand();
        waiting.push(stored(itself ? level : 0, false));
        continue;
      }
      case 'dot':
        waiting.push(stored(dot(x, y), single));
        continue;
      case 'cosine':
        waiting.push(stored(dot(unit(x, single), unit(y, single)), single));
        continue;
      case 'squared-distance': {
        const distance = Math.max(0, -2 * dot(x, y) + dot(x, x) + dot(y, y));
        waiting.push(stored(itself ? 0 : distance, single));
        continue;
      }
      case 'differences': {
        const differences = x.map((cell, i) => stored(cell - y[i]!, single).value);
        waiting.push(stored(dot(differences, differences), single));
        continue;
      }
      case 'squared-differences': {
        const scales = x.map((_cell, i) => operands[at + i]!);
        at += features;
        const differences = x.map((cell, i) => cell / scales[i]! - y[i]! / scales[i]!);
        waiting.push(stored(dot(differences, differences), false));
        continue;
      }
      case 'manhattan':
        waiting.push(
          stored(
            x.reduce((sum, cell, i) => sum + Math.abs(cell - y[i]!), 0),
            false,
          ),
        );
        continue;
      case 'additive-chi2':
        waiting.push(stored(-chiSquare(x, y, single), single));
        continue;
    }
    const last = waiting.pop()!;
    if (step === 'sum' || step === 'product') {
      const first = waiting.pop()!;
      const value = step === 'sum' ? first.value + last.value : first.value * last.value;
      waiting.push(stored(value, first.single && last.single));
      continue;
    }
    const next = () => stored(operand(), last.single).value;
    waiting.push(stored(changed(step, last.value, next), last.single));
  }
  return waiting[0]!;
}

function changed(step: string, a: number, next: () => number): number {
  switch (step) {
    case 'add':
      return a + next();
    case 'multiply':
      return a * next();
    case 'divide':
      return a / next();
    case 'power':
    case 'integer-power':
      return a ** next();
    case 'minimum':
      return Math.min(a, next());
    case 'square':
      return a * a;
    case 'sqrt':
      return Math.sqrt(a);
    case 'exp':
      return Math.exp(a);
    case 'log':
      return Math.log(Math.max(a, 0));
    case 'tanh':
      return Math.tanh(a);
    case 'sin':
      return Math.sin(a);
    case 'matern-3/2':
      return (1 + a) * Math.exp(-a);
    case 'matern-5/2':
      return (1 + a + (a * a) / 3) * Math.exp(-a);
    default:
      throw new RangeError(`reference: no step ${step}`);
  }
}

const dot = (x: readonly number[], y: readonly number[]): number =>
  x.reduce((sum, cell, i) => sum + cell * y[i]!, 0);

function unit(x: readonly number[], single: boolean): number[] {
  const squares = x.map((cell) => stored(cell * cell, single).value);
  const norm = stored(Math.sqrt(squares.reduce((sum, square) => sum + square, 0)), single).value;
  if (norm < 10 * (single ? 2 ** -23 : 2 ** -52)) return [...x];
  return x.map((cell) => stored(cell / norm, single).value);
}

function chiSquare(x: readonly number[], y: readonly number[], single: boolean): number {
  return x.reduce((sum, cell, i) => {
    const total = stored(cell + y[i]!, single).value;
    const difference = stored(cell - y[i]!, single).value;
    return total === 0 ? sum : sum + difference ** 2 / total;
  }, 0);
}
