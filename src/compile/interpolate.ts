import { isSingle, type Numbers, type Value } from '../input/dense.js';
import type { Interpolate } from '../ir/index.js';
import { firstAbove } from '../math/first-above.js';
import { type Round, rounding } from '../math/rounding.js';

/** Writes what broken lines make of the cells of `x`. */
export function interpolate(line: Interpolate, { data, rows, cols }: Value, to: Numbers): void {
  const margin = line.margin?.[0] ?? 0;
  // As numpy has it of a float32 array and a Python number.
  const round = rounding(isSingle(data));
  for (let i = 0; i < rows * cols; i++) {
    const x = data[i]!;
    const col = i % cols;
    const first = line.starts[col]!;
    const last = line.starts[col + 1]! - 1;
    const [low, high] = [line.places[first]!, line.places[last]!];
    const nearLow = margin > 0 ? round(x - round(margin)) < low : x === low;
    const nearHigh = margin > 0 ? round(x + round(margin)) > high : x === high;
    if (Number.isNaN(x)) to[i] = x;
    else if (line.margin && nearLow) to[i] = line.values[first]!;
    else if (line.margin && nearHigh) to[i] = line.values[last]!;
    else if (line.outside && (x < low || x > high)) to[i] = Number.NaN;
    else to[i] = valueAt(line, x, first, last);
  }
}

/** The value at `x` of the line through the points `first` to `last`. */
function valueAt(
  { places, values, rule }: Interpolate,
  x: number,
  first: number,
  last: number,
): number {
  if (x < places[first]! || first === last) return values[first]!;
  if (x > places[last]!) return values[last]!;
  const next = firstAbove(places, x, first, last + 1, rule === 'single');
  if (rule === 'single') return onLine(places, values, Math.max(next - 1, first), x, Math.fround);
  const before = next - 1;
  const below = places[before] === x ? values[before]! : onLine(places, values, before, x, Number);
  if (rule === 'below') return below;
  const after = firstAbove(places, x, first, last + 1, true);
  // numpy's interp of the mirror image: the slope is the same, the line begins at the other end.
  const above =
    places[after] === x
      ? -values[after]!
      : slopeOf(places, values, after - 1, Number) * (places[after]! - x) - values[after]!;
  return 0.5 * (below - above);
}

const slopeOf = (places: Float64Array, values: Float64Array, i: number, round: Round): number =>
  round(round(values[i + 1]! - values[i]!) / round(places[i + 1]! - places[i]!));

const onLine = (
  places: Float64Array,
  values: Float64Array,
  i: number,
  x: number,
  round: Round,
): number => round(round(slopeOf(places, values, i, round) * round(x - places[i]!)) + values[i]!);
