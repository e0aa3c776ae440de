import type { Value } from '../input/dense.js';
import type { Node, Rounds } from '../ir/index.js';
import { ulpOf } from '../math/ulp.js';
import { compileAnswer } from './answers.js';
import { boundAnswer, type UncertainScorer } from './ensemble-bound.js';
import { chooseRows, gapsOf, rowsWith } from './rounds.js';

/**
 * How far cells that were predicted in rounds may be off: each prediction by its own bound, and by what errors of the cells that it was made of become.
 * null where nothing may be off. `predictors` answer for what they see, with its errors.
 */
export function boundRounds(
  node: Rounds<Node>,
  x: { readonly value: Value; readonly error: Float64Array | null },
  predictors: readonly ((x: { value: Value; error: Float64Array | null }) => UncertainScorer)[],
): Float64Array | null {
  const { features, fills, lows, highs, parts } = node;
  const { rows } = x.value;
  const gaps = gapsOf(x.value.data, rows * features);
  const single = x.value.data instanceof Float32Array;
  const data = x.value.data.slice(0, rows * features);
  gaps.forEach((gap, i) => {
    if (gap) data[i] = fills[i % features]!;
  });
  const state = { ...x.value, data, rows, cols: features, names: null };
  let error = x.error?.slice() ?? null;
  parts.forEach(({ column, columns }, k) => {
    const missing = rowsWith(gaps, rows, features, column);
    if (missing.length === 0) return;
    const value = chooseRows(state, missing, columns);
    const own = error && chooseRows({ ...state, data: error }, missing, columns).data.map(Math.abs);
    const part = predictors[k]!({ value, error: own as Float64Array | null });
    const found = new Float64Array(missing.length);
    compileAnswer(part.scorer, 'predict').write(value, found);
    const bounds = boundAnswer(part, 'predict');
    missing.forEach((row, i) => {
      const at = row * features + column;
      data[at] = Math.min(Math.max(found[i]!, lows[column]!), highs[column]!);
      if (bounds === null && error === null) return;
      error ??= new Float64Array(rows * features);
      error[at] = (bounds?.[i] ?? 0) + (single ? 2 ** 29 * ulpOf(found[i]!) : 0);
    });
  });
  return error;
}
