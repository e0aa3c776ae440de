import { refuse } from '../errors.js';
import { isSingle, placeOf, startOf, type Value } from '../input/dense.js';
import { type Factorization, factorizationRules } from '../ir/index.js';
import { multiply } from '../kernels/multiply.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';
import { psi } from '../math/psi.js';
import { rounding } from '../math/rounding.js';
import { zeros } from '../math/zeros.js';
import { floatType } from './buffer.js';
import { refuseNonFinite } from './finite.js';
import type { NodeKind } from './kind.js';

export const factorization: NodeKind<Factorization> = {
  rules: factorizationRules,
  transform: (node, out) => {
    const solve = createSolver(node);
    const single = isSingle(node.components);
    return (x) => {
      if (node.update !== 'variational' && isSingle(x.data))
        refuse('input-type', 'X', 'expected float64 rows, found float32');
      const data = out.fit(x, floatType(single));
      for (let row = 0; row < x.rows; row++)
        data.set(solve(readRow(node, x, row)), row * node.outputs);
      return out;
    };
  },
};

/** The cells of a row that are not 0. */
export interface Cells {
  readonly columns: readonly number[];
  readonly values: readonly number[];
}

function readRow({ components, nonFinite, update }: Factorization, x: Value, row: number): Cells {
  const columns: number[] = [];
  const values: number[] = [];
  const start = startOf(x, row);
  let sum = 0;
  for (let i = start; i < startOf(x, row + 1); i++) {
    const column = x.indices?.[i] ?? i - start;
    const value = isSingle(components) ? Math.fround(x.data[i]!) : x.data[i]!;
    if (value - value !== 0) refuseNonFinite(nonFinite, x, i, value);
    if (value < 0 && !update.endsWith('change'))
      refuse('input-range', placeOf(x, row, column), `${value} is below 0`);
    if (value === 0) continue;
    columns.push(column);
    values.push(value);
    sum += value;
  }
  // Steps would begin with the root of their mean.
  if (sum < 0) refuse('input-range', placeOf(x, row), 'cells add up to less than 0');
  return { columns, values };
}

/** What a step did: how much of each component there was before and after it, and what ends steps where it is small; Infinity where that is not asked. */
export interface Step {
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly change: number;
}

/** float32's step of 1, which scikit-learn divides by instead of what is smaller. */
export const EPSILON = 2 ** -23;

/**
 * How much of each component is in a row, in memory that the next row uses again. `watch` sees each step, and says whether it was the last; else that is
 * so where little changed.
 */
export function createSolver(
  node: Factorization,
): (cells: Cells, watch?: (step: Step) => boolean) => Float64Array {
  const { features, outputs, components, update, iterations } = node;
  const [tolerance] = node.tolerance;
  const [penalty, square] = node.penalties;
  const single = isSingle(components);
  const round = rounding(single);
  const variational = update === 'variational';
  const coordinates = update === 'coordinates';
  const leibler = update.startsWith('k');
  const byLoss = update === 'frobenius' || update === 'kullback-leibler';
  const least = single ? EPSILON : 2 ** -52;
  const added = round(penalty!);
  const weights = zeros(outputs);
  const { gram, sums } = sumsOf(node);
  let before = zeros(outputs);
  let after = zeros(outputs);

  /** Exp of the expected logarithms of shares. */
  function weigh(): void {
    const whole = psi(
      after.reduce((sum, one) => round(sum + one), 0),
      round,
    );
    after.forEach((one, i) => {
      weights[i] = round(exp(round(psi(one, round) - whole)));
    });
  }

  return ({ columns, values }, watch) => {
    const count = columns.length;
    const own = zeros(outputs * count);
    for (let i = 0; i < own.length; i++)
      own[i] = components[Math.floor(i / count) * features + columns[i % count]!]!;
    const quotients = Float64Array.from(values);
    const products = zeros(outputs);
    const project = () => multiply(own, outputs, count, quotients, 1, products);
    const rebuild = (from: Float64Array, n: number): number => {
      let sum = 0;
      for (let i = 0; i < outputs; i++) sum += from[i]! * own[i * count + n]!;
      return sum;
    };
    const squares = values.reduce((sum, value) => sum + value * value, 0);
    const loss = (): number => {
      let sum = leibler ? 0 : squares;
      for (let i = 0; i < outputs; i++) {
        const share = after[i]!;
        let rest = leibler ? 2 * sums[i]! : -2 * products[i]!;
        if (gram) for (let j = 0; j < outputs; j++) rest += gram[i * outputs + j]! * after[j]!;
        sum += share * rest;
      }
      if (leibler)
        for (let n = 0; n < count; n++) {
          const value = values[n]!;
          const ratio = value / Math.max(rebuild(after, n), EPSILON);
          if (value > EPSILON) sum += 2 * value * (log(ratio) - 1);
        }
      return Math.sqrt(Math.max(sum, 0));
    };
    const mean = values.reduce((sum, value) => sum + value, 0) / features;
    after.fill(variational ? 1 : coordinates ? 0 : Math.sqrt(mean / outputs));
    project();
    let first = byLoss ? loss() : 0;
    let last = first;
    for (let step = 1; step <= iterations; step++) {
      if (variational) weigh();
      [before, after] = [after, before];
      if (variational || leibler) {
        for (let n = 0; n < count; n++) {
          const sum = round(rebuild(variational ? weights : before, n));
          quotients[n] = round(
            values[n]! / (variational ? round(sum + least) : Math.max(sum, EPSILON)),
          );
        }
        project();
      }
      let change = 0;
      let size = 0;
      if (coordinates) after.set(before);
      for (let i = 0; i < outputs; i++) {
        const was = before[i]!;
        // Of coordinates, products with the shares found so far.
        let sum = leibler ? sums[i]! : coordinates ? penalty! - products[i]! : 0;
        if (gram)
          for (let j = 0; j < outputs; j++)
            sum += gram[i * outputs + j]! * (coordinates ? after : before)[j]!;
        if (variational) {
          after[i] = round(round(weights[i]! * round(products[i]!)) + added);
          change += Math.abs(round(after[i]! - was));
        } else if (coordinates) {
          change += Math.abs(was === 0 ? Math.min(0, sum) : sum);
          const curve = gram![i * outputs + i]!;
          if (curve !== 0) after[i] = Math.max(was - sum / curve, 0);
        } else {
          after[i] = was * (products[i]! / (sum + penalty! + square! * was || EPSILON));
          const moved = after[i]! - was;
          change += moved * moved;
          size += after[i]! * after[i]!;
        }
      }
      if (variational) change /= outputs;
      else if (coordinates) {
        if (step === 1) first = change;
        change = first && change / first;
      } else if (!byLoss) change = Math.sqrt(change) / Math.sqrt(size);
      else if (tolerance! > 0 && step % 10 === 0) {
        const now = loss();
        change = (last - now) / first;
        last = now;
      } else change = Infinity;
      if (watch ? watch({ before, after, change }) : change <= tolerance!) break;
    }
    return after;
  };
}

/** The products of components with each other, with a penalty of squares where shares are found one by one, and their sums; null where they are not asked for. */
export function sumsOf({ components, features, outputs, update, penalties }: Factorization) {
  const coordinates = update === 'coordinates';
  const gram = coordinates || update.startsWith('f') ? zeros(outputs * outputs) : null;
  if (gram) multiply(components, outputs, features, components, outputs, gram);
  if (coordinates) for (let i = 0; i < outputs; i++) gram![i * (outputs + 1)]! += penalties[1]!;
  const sums = zeros(outputs);
  multiply(components, outputs, features, zeros(features).fill(1), 1, sums);
  return { gram, sums };
}
