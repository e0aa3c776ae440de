import type { Interpolate } from '../ir/index.js';
import { firstAbove } from '../math/first-above.js';
import { type Round, rounding } from '../math/rounding.js';

/** What a broken line makes of a cell of a column; `single`: whether cells are float32. */
export function interpolate(
  line: Interpolate,
  single: boolean,
): (cell: number, col: number) => number {
  const { starts, places, values, outside } = line;
  const margin = line.margin?.[0] ?? 0;
  // As numpy has it of a float32 array and a Python number.
  const round = rounding(single);
  return (x, col) => {
    const first = starts[col]!;
    const last = starts[col + 1]! - 1;
    const low = places[first]!;
    const high = places[last]!;
    if (line.margin) {
      if (margin > 0 ? round(x - round(margin)) < low : x === low) return values[first]!;
      if (margin > 0 ? round(x + round(margin)) > high : x === high) return values[last]!;
    }
    if (Number.isNaN(x) || (outside && (x < low || x > high))) return Number.NaN;
    return valueAt(line, x, first, last);
  };
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
