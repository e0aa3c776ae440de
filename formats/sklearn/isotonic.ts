import type { Arithmetic, Curve, Interpolate, Node } from '../../src/ir/index.js';
import { type Estimator, lowerEach } from './estimator.js';
import { elementwise } from './preprocessing.js';
import type { LoweringTable } from './table.js';

export const isotonicRegression = 'sklearn.isotonic.IsotonicRegression';

/** sklearn.isotonic */
export const isotonicTable: LoweringTable = {
  [isotonicRegression]: lowerIsotonic,
};

/** Of one column, which `transform` turns into what `predict` gives. */
function lowerIsotonic(regression: Estimator): Node {
  const head = { task: 'regressor', targets: 1, flat: true, link: 'identity' } as const;
  return {
    kind: 'pipeline',
    steps: [...interpolateEach([regression]), { kind: 'scores', features: 1, head }],
    transforms: true,
  };
}

/** A column for each regression: cells become float64, or float32 where that is what all were fitted on, and are then checked. */
export function interpolateEach(regressions: readonly Estimator[]): Node[] {
  const lines = lowerEach(regressions, readLine);
  const [first] = lines as [Line];
  if (lines.some(({ rule, bounds }) => rule !== first.rule || bounds !== first.bounds))
    regressions[0]!.refuse('', 'differs from the other regressions in dtype or out_of_bounds');
  const width = lines.length;
  const starts = new Uint32Array(width + 1);
  lines.forEach(({ places }, i) => {
    starts[i + 1] = starts[i]! + places.length;
  });
  const all = (name: 'places' | 'values') =>
    Float64Array.from(lines.flatMap((line) => Array.from(line[name])));
  const ends = (at: 0 | -1) => Float64Array.from(lines, ({ places }) => places.at(at)!);
  const several = lines.every(({ places }) => places.length > 1);
  const { rule, bounds } = first;
  const interpolate: Interpolate = {
    operation: 'interpolate',
    starts,
    places: all('places'),
    values: all('values'),
    rule,
    margin: null,
    outside: bounds === 'nan' && several ? 'nan' : null,
  };
  const within = { operation: 'within', lows: ends(0), highs: ends(-1) } as const;
  const curve: Curve = {
    kind: 'curve',
    features: width,
    nonFinite: 'refuse',
    operations: bounds === 'raise' && several ? [within, interpolate] : [interpolate],
  };
  const clip = (operation: 'minimum' | 'maximum', operands: Float64Array): Arithmetic => ({
    operation,
    operands,
    rounded: true,
  });
  // At the end of the range, the last line's height is not its last point's, to the bit, where that is found as of float32.
  const clipped = elementwise(width, 'refuse', [
    clip('maximum', ends(0)),
    clip('minimum', ends(-1)),
  ]);
  return [
    cast(width, rule === 'single' ? 'float32' : 'float64'),
    ...(bounds === 'clip' ? [clipped] : []),
    curve,
  ];
}

/** Cells in another type. */
export const cast = (columns: number, type: 'float64' | 'float32'): Node => ({
  ...elementwise(columns, 'any', [{ operation: 'positive' }]),
  type,
});

interface Line extends Pick<Interpolate, 'places' | 'values' | 'rule'> {
  readonly bounds: string;
}

function readLine(regression: Estimator): Line {
  const { values: places } = regression.numbers('X_thresholds_', 1);
  const { values } = regression.numbers('y_thresholds_', 1);
  if (places.length === 0 || values.length !== places.length)
    regression.refuse('y_thresholds_', `expected ${places.length} numbers, more than none`);
  if (!places.every((place, i) => Number.isFinite(place) && !(place <= places[i - 1]!)))
    regression.refuse('X_thresholds_', 'expected finite and ascending numbers');
  if (!values.every(Number.isFinite)) regression.refuse('y_thresholds_', 'expected finite numbers');
  const bounds = regression.text('out_of_bounds');
  if (!['clip', 'nan', 'raise'].includes(bounds))
    regression.refuse('out_of_bounds', `unknown value ${bounds}`);
  const single = regression.array('X_thresholds_').dtype === '<f4';
  // SciPy leaves numpy's way where a dtype is not float64.
  if (single !== (regression.array('y_thresholds_').dtype === '<f4'))
    regression.refuse('y_thresholds_', 'differs from X_thresholds_ in dtype');
  return { places, values, rule: single ? 'single' : 'below', bounds };
}
