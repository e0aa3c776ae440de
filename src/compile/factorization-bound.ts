import { isSingle } from '../input/dense.js';
import type { Factorization } from '../ir/index.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';
import { psi } from '../math/psi.js';
import { type Cells, createSolver, type Step } from './factorization.js';

/**
 * How far what steps end with may lie from ours, for rows [rows × features] whose cells may be off by `error`.
 *
 * With J the derivatives of each step that a row took by what was there before, and l what rounding does in that step alone, step n is off by Σₜ |Jₙ ··· Jₜ₊₁| · lₜ, to first
 * order. The same says how far what ends the steps may be off. Where that leaves open which step is the last, the bound is what all that may be the last make.
 */
export function boundFactorization(
  node: Factorization,
  cells: Float64Array,
  error: Float64Array | null,
): Float64Array {
  const { features, outputs } = node;
  const result = new Float64Array((cells.length / features) * outputs);
  const solve = createSolver(node);
  const single = isSingle(node.components);
  for (let from = 0, at = 0; from < cells.length; from += features, at += outputs) {
    const columns = Array.from({ length: features }, (_, i) => i).filter(
      (i) => cells[from + i] !== 0 || (error?.[from + i] ?? 0) > 0,
    );
    const row = {
      columns,
      values: columns.map((i) => (single ? Math.fround(cells[from + i]!) : cells[from + i]!)),
      errors: columns.map((i) => error?.[from + i] ?? 0),
    };
    result.set(boundRow(node, solve, row), at);
  }
  return result;
}

interface Row extends Cells {
  readonly errors: readonly number[];
}

/** Of one step: derivatives [outputs × outputs], and what its own rounding moves. */
interface Slope {
  readonly by: Float64Array;
  readonly own: Float64Array;
}

/** Multiplications that a row's bound may take; where it would take more, the row may become anything. */
const mostWork = 2 ** 27;

function boundRow(
  node: Factorization,
  solve: ReturnType<typeof createSolver>,
  row: Row,
): Float64Array {
  const { outputs, iterations, tolerance } = node;
  const unit = isSingle(node.components) ? 2 ** -24 : 2 ** -53;
  const slopes: Slope[] = [];
  let work = 0;

  /** How far Σ direction · what there is may be off; less that of a step before, where that is subtracted. */
  function reach(direction: Float64Array, less = false): number {
    let sum = 0;
    let across = direction;
    for (let t = slopes.length - 1; t >= 0; t--) {
      const { by, own } = slopes[t]!;
      const next = new Float64Array(outputs);
      for (let i = 0; i < outputs; i++) {
        sum += Math.abs(across[i]!) * own[i]!;
        for (let j = 0; j < outputs; j++) next[j]! += across[i]! * by[i * outputs + j]!;
      }
      if (less && t === slopes.length - 1)
        for (let i = 0; i < outputs; i++) next[i]! -= direction[i]!;
      across = next;
      work += outputs * outputs;
    }
    return sum;
  }

  const one = (i: number): Float64Array =>
    Float64Array.from({ length: outputs }, (_, j) => +(i === j));
  const slopeOf = compileSlope(node, row, unit, (directions) => reach(directions));
  const bound = new Float64Array(outputs);
  let ours: Float64Array | null = null;
  let sure = false;
  const ends: { after: Float64Array; off: Float64Array }[] = [];
  const last = solve(row, (step) => {
    const { before, after, change } = step;
    slopes.push(slopeOf(step));
    work += outputs * outputs * row.columns.length;
    const signs = after.map((value, i) => Math.sign(value - before[i]!) / outputs);
    const doubt = reach(signs, true) + 8 * unit * change;
    const little = change < tolerance[0]!;
    const open = Math.abs(change - tolerance[0]!) <= doubt;
    if (little) ours ??= after.slice();
    sure = (little && !open) || slopes.length === iterations;
    if (little || open || sure)
      ends.push({ after: after.slice(), off: after.map((_, i) => reach(one(i))) });
    return sure || work > mostWork;
  });
  if (!sure && iterations > 0) return bound.fill(Number.POSITIVE_INFINITY);
  const answer = ours ?? last;
  for (const { after, off } of ends)
    for (let i = 0; i < outputs; i++)
      bound[i] = Math.max(bound[i]!, Math.abs(after[i]! - answer[i]!) + off[i]!);
  return bound;
}

/** Where ψ takes another number of terms, at whole numbers up to 6, it jumps by less than this. */
const jump = 2 ** -29;

function compileSlope(
  { features, outputs, components }: Factorization,
  { columns, values, errors }: Row,
  unit: number,
  reach: (direction: Float64Array) => number,
): (step: Step) => Slope {
  const count = columns.length;
  const least = 2 * unit;
  const sums = (terms: number) => (8 + Math.sqrt(terms)) * unit;
  const component = (i: number, n: number): number => components[i * features + columns[n]!]!;

  /** ψ, and how far its own rounding may move it. */
  function expected(x: number, direction: Float64Array): { value: number; off: number } {
    const value = psi(x, Number);
    const whole = Math.round(x);
    const jumps =
      whole <= 6 && Math.abs(x - whole) < 2 ** -20 && Math.abs(x - whole) < reach(direction);
    return { value, off: 4 * unit * (Math.abs(value) + log(x + 6)) + (jumps ? jump : 0) };
  }

  return ({ before, after }) => {
    const ones = new Float64Array(outputs).fill(1);
    const whole = expected(
      before.reduce((sum, value) => sum + value, 0),
      ones,
    );
    const each = Array.from(before, (value, i) =>
      expected(
        value,
        ones.map((_, j) => +(i === j)),
      ),
    );
    const weights = each.map(({ value }) => exp(value - whole.value));
    /** What rounding makes of weights, as a share; but for what it makes of all of them alike. */
    const shares = each.map(({ value, off }) => off + unit * (2 + Math.abs(value - whole.value)));
    const slopes = before.map(trigamma);
    const slopeOfWhole = trigamma(before.reduce((sum, value) => sum + value, 0));
    const by = new Float64Array(outputs * outputs);
    const own = after.map((value) => unit * value);
    for (let n = 0; n < count; n++) {
      const parts = weights.map((weight, i) => weight * component(i, n));
      const sum = parts.reduce((total, part) => total + part, least);
      const off =
        parts.reduce((total, part, i) => total + part * shares[i]!, 0) / sum + sums(outputs);
      const ratio = values[n]! / sum;
      for (let i = 0; i < outputs; i++) {
        const part = parts[i]! * ratio;
        const alike = (part * least) / sum;
        own[i]! +=
          part * (shares[i]! + off + sums(count) + 3 * unit) +
          alike * whole.off +
          (parts[i]! * (errors[n]! && errors[n]! + unit * values[n]!)) / sum;
        by[i * outputs + i]! += part * slopes[i]!;
        for (let j = 0; j < outputs; j++)
          by[i * outputs + j]! -= (part * parts[j]! * slopes[j]!) / sum + alike * slopeOfWhole;
      }
    }
    return { by, own };
  };
}

/** The derivative of ψ. */
function trigamma(x: number): number {
  let sum = 0;
  let at = x;
  for (; at < 6; at++) sum += 1 / (at * at);
  const square = 1 / (at * at);
  return sum + 1 / at + square / 2 + (square / at) * (1 / 6 - square / 30);
}
