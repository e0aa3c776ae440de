import { refuse } from '../errors.js';
import { isSingle, placeOf, startOf, type Value } from '../input/dense.js';
import { type Factorization, factorizationRules } from '../ir/index.js';
import { exp } from '../math/exp.js';
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
    return (x) => {
      const data = out.fit(x, floatType(isSingle(node.components)));
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

function readRow({ components, nonFinite }: Factorization, x: Value, row: number): Cells {
  const columns: number[] = [];
  const values: number[] = [];
  const start = startOf(x, row);
  for (let i = start; i < startOf(x, row + 1); i++) {
    const column = x.indices?.[i] ?? i - start;
    const value = isSingle(components) ? Math.fround(x.data[i]!) : x.data[i]!;
    if (value - value !== 0) refuseNonFinite(nonFinite, x, i, value);
    if (value < 0) refuse('input-range', placeOf(x, row, column), `${value} is below 0`);
    if (value === 0) continue;
    columns.push(column);
    values.push(value);
  }
  return { columns, values };
}

/** What a step did: how much of each component there was before and after it, and what ends steps where it is small. */
export interface Step {
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly change: number;
}

/**
 * How much of each component is in a row, in memory that the next row uses again. `watch` sees each step, and says whether it was the last; else that is
 * so where little changed.
 */
export function createSolver({
  features,
  outputs,
  components,
  prior: [prior],
  iterations,
  tolerance: [tolerance],
}: Factorization): (cells: Cells, watch?: (step: Step) => boolean) => Float64Array {
  const single = isSingle(components);
  const round = rounding(single);
  const least = single ? 2 ** -23 : 2 ** -52;
  const added = round(prior!);
  const weights = zeros(outputs);
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
    const quotients = zeros(count);
    after.fill(1);
    for (let step = 0; step < iterations; step++) {
      weigh();
      [before, after] = [after, before];
      for (let n = 0; n < count; n++) {
        let sum = 0;
        for (let i = 0; i < outputs; i++) sum += weights[i]! * own[i * count + n]!;
        quotients[n] = round(values[n]! / round(round(sum) + least));
      }
      let change = 0;
      for (let i = 0; i < outputs; i++) {
        let sum = 0;
        for (let n = 0; n < count; n++) sum += quotients[n]! * own[i * count + n]!;
        after[i] = round(round(weights[i]! * round(sum)) + added);
        change += Math.abs(round(after[i]! - before[i]!));
      }
      change /= outputs;
      if (watch ? watch({ before, after, change }) : change < tolerance!) break;
    }
    return after;
  };
}
