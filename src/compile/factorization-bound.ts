import { isSingle } from '../input/dense.js';
import type { Factorization } from '../ir/index.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';
import { psi } from '../math/psi.js';
import { type Cells, createSolver, EPSILON, type Step, sumsOf } from './factorization.js';

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
  const { outputs, iterations } = node;
  const [tolerance] = node.tolerance;
  const unit = isSingle(node.components) ? 2 ** -24 : 2 ** -53;
  const slopes: Slope[] = [];
  const states: Float64Array[] = [];
  let work = 0;

  /** How far Σ direction · what there is after so many steps may be off. */
  function reach(direction: Float64Array, count = slopes.length): number {
    let sum = 0;
    let across = direction;
    for (let t = count - 1; t >= 0; t--) {
      const { by, own } = slopes[t]!;
      const next = new Float64Array(outputs);
      for (let i = 0; i < outputs; i++) {
        sum += Math.abs(across[i]!) * own[i]!;
        for (let j = 0; j < outputs; j++) next[j]! += across[i]! * by[i * outputs + j]!;
      }
      across = next;
      work += outputs * outputs;
    }
    return sum;
  }
  /** The same of each component, after the step with this number. */
  const reachAll = (state: number): Float64Array =>
    Float64Array.from({ length: outputs }, (_, i) => reach(unitOf(outputs, i), state + 1));

  const doubtOf = compileDoubt(node, row, unit);
  const slopeOf = (node.update === 'variational' ? slopeOfTopics : slopeOfShares)(
    node,
    row,
    unit,
    reach,
  );
  const bound = new Float64Array(outputs);
  let ours: Float64Array | null = null;
  let sure = iterations === 0;
  const lasts: { after: Float64Array; off: Float64Array }[] = [];
  const last = solve(row, (step) => {
    const { before, after, change } = step;
    if (states.length === 0) {
      states.push(before.slice());
      slopes.push({
        by: new Float64Array(outputs * outputs),
        own: ownOfStart(node, row, unit, before),
      });
    }
    slopes.push(slopeOf(step));
    states.push(after.slice());
    work += outputs * outputs * row.columns.length;
    const little = change <= tolerance!;
    const near = Math.abs(change - tolerance!) <= tolerance! * 2 ** -6 + 2 ** -40;
    const open = near && Math.abs(change - tolerance!) <= doubtOf(states, reachAll, change);
    if (little) ours ??= after.slice();
    sure = (little && !open) || states.length > iterations;
    if (little || open || sure)
      lasts.push({ after: after.slice(), off: reachAll(states.length - 1) });
    return sure || work > mostWork;
  });
  if (!sure) return bound.fill(Number.POSITIVE_INFINITY);
  const answer = ours ?? last;
  for (const { after, off } of lasts)
    for (let i = 0; i < outputs; i++)
      bound[i] = Math.max(bound[i]!, Math.abs(after[i]! - answer[i]!) + off[i]!);
  return bound;
}

/** What rounding does to what there is to begin with: the root of a mean, where steps multiply. */
function ownOfStart(
  { update, features }: Factorization,
  { values, errors }: Row,
  unit: number,
  start: Float64Array,
): Float64Array {
  if (update === 'variational' || update === 'coordinates') return new Float64Array(start.length);
  const size = Math.abs(values.reduce((sum, value) => sum + value, 0));
  const sizes = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const moved = errors.reduce((sum, error) => sum + error, 0);
  return start.map(
    (value) => value * (4 * unit + ((8 + Math.sqrt(features)) * unit * sizes + moved) / size) || 0,
  );
}

/** How far what ends steps may be off after the last of `states`, if those before are off by what `off` says. */
function compileDoubt(
  node: Factorization,
  { columns, values, errors }: Row,
  unit: number,
): (
  states: readonly Float64Array[],
  off: (state: number) => Float64Array,
  change: number,
) => number {
  const { features, outputs, components, update, penalties } = node;
  const { gram, sums } = sumsOf(node);
  const share = (8 + Math.sqrt(features) + Math.sqrt(outputs)) * unit;
  const add = (all: Float64Array): number => all.reduce((sum, one) => sum + Math.abs(one), 0);
  const norm = (all: Float64Array): number =>
    Math.sqrt(all.reduce((sum, one) => sum + one * one, 0));
  const component = (i: number, n: number): number => components[i * features + columns[n]!]!;
  const products = sums.map((_, i) =>
    values.reduce((sum, value, n) => sum + value * component(i, n), 0),
  );
  const moved = sums.map((_, i) =>
    errors.reduce((sum, error, n) => sum + error * component(i, n), 0),
  );

  /** Of `coordinates`: the sum of slopes, and how far it may be off. */
  function slopesOf(
    before: Float64Array,
    after: Float64Array,
    offBefore: Float64Array,
    off: Float64Array,
  ) {
    let size = 0;
    let doubt = 0;
    for (let i = 0; i < outputs; i++) {
      let slope = penalties[0]! - products[i]!;
      doubt += moved[i]! + share * (penalties[0]! + products[i]!);
      for (let j = 0; j < outputs; j++) {
        const part = gram![i * outputs + j]!;
        slope += part * (j < i ? after : before)[j]!;
        doubt += part * ((j < i ? off : offBefore)[j]! + share * (j < i ? after : before)[j]!);
      }
      // A share that may be 0 has no slope upwards.
      if (before[i]! <= offBefore[i]! && offBefore[i]! > 0) doubt += Math.max(slope, 0);
      size += Math.abs(before[i] === 0 ? Math.min(slope, 0) : slope);
    }
    return { size, doubt };
  }

  /** Of a loss: itself, and how far it may be off. */
  function lossOf(at: Float64Array, off: Float64Array) {
    const leibler = update === 'kullback-leibler';
    let square = 0;
    let doubt = 0;
    const slopes = leibler ? sums.map((sum) => 2 * sum) : products.map((sum) => -2 * sum);
    values.forEach((value, n) => {
      const rebuilt = at.reduce((sum, one, i) => sum + one * component(i, n), 0);
      const safe = Math.max(rebuilt, EPSILON);
      const part = leibler ? 2 * value * (log(value / safe || 1) - 1) : value * value;
      square += part;
      doubt += share * (Math.abs(part) + 2 * value);
      doubt += 2 * errors[n]! * (leibler ? Math.abs(log(value / safe || 1)) : value + rebuilt);
      if (leibler)
        for (let i = 0; i < outputs; i++) slopes[i]! -= (2 * value * component(i, n)) / safe;
    });
    for (let i = 0; i < outputs; i++) {
      let all = leibler ? 2 * sums[i]! : 0;
      let slope = slopes[i]!;
      if (!leibler)
        for (let j = 0; j < outputs; j++) {
          all += gram![i * outputs + j]! * at[j]!;
          slope += 2 * gram![i * outputs + j]! * at[j]!;
        }
      square += at[i]! * (leibler ? all : all - 2 * products[i]!);
      doubt += share * at[i]! * (all + 2 * products[i]!) + off[i]! * Math.abs(slope);
    }
    const loss = Math.sqrt(Math.max(square, 0));
    return { loss, doubt: Math.min(doubt / loss, Math.sqrt(doubt)) || 0 };
  }

  return (states, off, change) => {
    const last = states.length - 1;
    const after = states[last]!;
    const own = 8 * unit * change;
    if (update === 'frobenius' || update === 'kullback-leibler') {
      const first = lossOf(states[0]!, off(0));
      const now = lossOf(after, off(last));
      const before = lossOf(states[last - 10]!, off(last - 10));
      return own + (before.doubt + now.doubt + Math.abs(change) * first.doubt) / first.loss;
    }
    const before = states[last - 1]!;
    if (update === 'coordinates') {
      const first = slopesOf(states[0]!, states[1]!, off(0), off(1));
      const now = slopesOf(before, after, off(last - 1), off(last));
      return own + (now.doubt + change * first.doubt) / first.size;
    }
    if (update === 'variational') return own + (add(off(last - 1)) + add(off(last))) / outputs;
    return own + ((norm(off(last - 1)) + norm(off(last))) * (1 + change)) / norm(after);
  };
}

/** What steps of other kinds move. */
function slopeOfShares(
  node: Factorization,
  { columns, values, errors }: Row,
  unit: number,
  reach: (direction: Float64Array) => number,
): (step: Step) => Slope {
  const { features, outputs, components, update, penalties } = node;
  const { gram, sums } = sumsOf(node);
  const [penalty, square] = penalties;
  const count = columns.length;
  const share = (terms: number) => (8 + Math.sqrt(terms)) * unit;
  const component = (i: number, n: number): number => components[i * features + columns[n]!]!;
  const project = (cells: readonly number[]): Float64Array =>
    sums.map((_, i) => cells.reduce((sum, cell, n) => sum + cell * component(i, n), 0));
  const products = project(values);
  const moved = project(errors);
  const sizes = project(values.map(Math.abs));

  function ofCoordinates({ before }: Step): Slope {
    const by = new Float64Array(outputs * outputs);
    const own = new Float64Array(outputs);
    const found = before.slice();
    for (let i = 0; i < outputs; i++) by[i * outputs + i] = 1;
    for (let i = 0; i < outputs; i++) {
      const row = gram!.subarray(i * outputs, (i + 1) * outputs);
      const curve = row[i]!;
      if (curve === 0) continue;
      const to = new Float64Array(outputs);
      let value = products[i]! - penalty!;
      let size = products[i]! + penalty! + curve * found[i]!;
      let off = moved[i]!;
      for (let j = 0; j < outputs; j++) {
        if (j === i) continue;
        value -= row[j]! * found[j]!;
        size += row[j]! * found[j]!;
        off += row[j]! * own[j]!;
        for (let k = 0; k < outputs; k++) to[k]! -= (row[j]! / curve) * by[j * outputs + k]!;
      }
      value /= curve;
      off = (off + (share(features) + share(outputs)) * size) / curve;
      // Near 0 it may be 0, or as much as it may be off.
      const near = Math.abs(value) < (2 ** -16 * size) / curve;
      const open = near ? reach(to) + off : 0;
      const doubtful = near && Math.abs(value) <= open;
      const positive = value > 0 && !doubtful;
      found[i] = Math.max(value, 0);
      own[i] = doubtful ? open : positive ? off : 0;
      for (let k = 0; k < outputs; k++) by[i * outputs + k] = positive ? to[k]! : 0;
    }
    return { by, own };
  }

  function ofProducts({ before, after }: Step): Slope {
    const by = new Float64Array(outputs * outputs);
    const leibler = !gram;
    const tops = leibler ? new Float64Array(outputs) : products;
    const off = leibler
      ? new Float64Array(outputs)
      : moved.map((one, i) => one + share(features) * sizes[i]!);
    const doubts = new Float64Array(outputs);
    const bottoms = Float64Array.from(before, (one, i) => {
      let sum = leibler ? sums[i]! : 0;
      let size = sum;
      if (gram)
        for (let j = 0; j < outputs; j++) {
          sum += gram[i * outputs + j]! * before[j]!;
          size += gram[i * outputs + j]! * Math.abs(before[j]!);
        }
      doubts[i] = (share(features) + share(outputs)) * (size + penalty! + square! * Math.abs(one));
      return sum + penalty! + square! * one || EPSILON;
    });
    if (leibler)
      for (let n = 0; n < count; n++) {
        let sum = 0;
        let size = 0;
        for (let i = 0; i < outputs; i++) {
          sum += before[i]! * component(i, n);
          size += Math.abs(before[i]!) * component(i, n);
        }
        const safe = Math.max(sum, EPSILON);
        const own = share(count) + 2 * unit + (sum < EPSILON ? 0 : (share(outputs) * size) / safe);
        for (let i = 0; i < outputs; i++) {
          tops[i]! += (values[n]! / safe) * component(i, n);
          off[i]! += ((errors[n]! + own * Math.abs(values[n]!)) / safe) * component(i, n);
          if (sum < EPSILON) continue;
          const step = (before[i]! / bottoms[i]!) * (values[n]! / safe / safe) * component(i, n);
          for (let j = 0; j < outputs; j++) by[i * outputs + j]! -= step * component(j, n);
        }
      }
    const own = after.map((value, i) => {
      const part = Math.abs(before[i]! / bottoms[i]!) * off[i]!;
      return part + Math.abs(value) * (6 * unit + doubts[i]! / Math.abs(bottoms[i]!));
    });
    for (let i = 0; i < outputs; i++) {
      const ratio = tops[i]! / bottoms[i]!;
      const less = (before[i]! * ratio) / bottoms[i]!;
      by[i * outputs + i]! += ratio - less * square!;
      if (gram)
        for (let j = 0; j < outputs; j++) by[i * outputs + j]! -= less * gram[i * outputs + j]!;
    }
    return { by, own };
  }
  return update === 'coordinates' ? ofCoordinates : ofProducts;
}

const unitOf = (length: number, at: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => +(i === at));

/** Where ψ takes another number of terms, at whole numbers up to 6, it jumps by less than this. */
const jump = 2 ** -29;

/** What steps of `variational` move. */
function slopeOfTopics(
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
