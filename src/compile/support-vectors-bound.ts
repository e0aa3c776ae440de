import type { SupportVectors } from '../ir/index.js';
import { rounding } from '../math/rounding.js';
import { ulpOf } from '../math/ulp.js';
import { agree, couple, pairProbability } from './couple.js';
import { decide } from './support-vectors.js';

/** How far the answers to rows of similarities may lie from ours. */
interface Bounds {
  /** Of raw scores. */
  readonly error: Float64Array;
  readonly decisions: Float64Array;
  readonly probabilities: Float64Array | null;
}

/**
 * Decisions have the bound of a dot product, and what errors of the similarities make of it. Where one may be of the other sign, a vote may go to either class.
 * How probabilities move with those of each two classes is found by moving these: the iteration that makes them has no simple derivative.
 */
export function boundSupportVectors(
  node: SupportVectors,
  cells: Float64Array,
  error: Float64Array | null,
): Bounds {
  const { features, outputs, sigmoids, breakTies, intercepts, head } = node;
  const rows = cells.length / features;
  const classes = outputs === 1 ? 2 : outputs;
  const ofPairs = head.task === 'classifier' && head.pairs === true;
  const pairs = new Float64Array(intercepts.length);
  const votes = new Float64Array(rows * outputs);
  const scores = new Float64Array(rows * outputs);
  const decisions = new Float64Array(rows * (ofPairs ? pairs.length : outputs));
  const probabilities = sigmoids && new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    decide(node, cells, row * features, pairs);
    const bounds = boundDecisions(node, cells, error, row * features);
    if (outputs === 1) votes[row] = decisions[row] = bounds[0]!;
    else {
      eachPair(classes, (i, j, pair) => {
        const bound = bounds[pair]!;
        const flips = Math.abs(pairs[pair]!) <= bound ? 1 : 0;
        for (const k of [i, j]) {
          votes[row * outputs + k]! += flips;
          // The slope is a third at most; three operations round what is below the number of classes.
          scores[row * outputs + k]! += flips + bound / 3 + 3 * stepsOf(node) * ulpOf(classes);
        }
        if (ofPairs) decisions[row * pairs.length + pair] = bound;
      });
    }
    probabilities?.set(boundProbabilities(node, pairs, bounds, classes), row * classes);
  }
  if (outputs > 1 && !ofPairs) decisions.set(scores);
  return { error: breakTies ? scores : votes, decisions, probabilities };
}

/** Steps of float64 in one of what is calculated. */
const stepsOf = ({ precision }: SupportVectors): number => (precision ? 2 ** 29 : 1);

function eachPair(classes: number, visit: (i: number, j: number, pair: number) => void): void {
  let pair = 0;
  for (let i = 0; i < classes; i++) for (let j = i + 1; j < classes; j++) visit(i, j, pair++);
}

/** (8 + √n) · 2⁻⁵³ · (Σ|kᵢwᵢ| + |b|) and Σ|eᵢwᵢ|; where products and sums are rounded to float32, a step of it, too. */
function boundDecisions(
  { features, starts, coefficients, intercepts, precision }: SupportVectors,
  cells: Float64Array,
  error: Float64Array | null,
  at: number,
): Float64Array {
  const bounds = new Float64Array(intercepts.length);
  eachPair(starts.length - 1, (i, j, pair) => {
    let size = Math.abs(intercepts[pair]!);
    let moved = 0;
    let count = 0;
    const add = (own: number, other: number) => {
      const first = (other < own ? other : other - 1) * features;
      for (let k = starts[own]!; k < starts[own + 1]!; k++) {
        const weight = Math.abs(coefficients[first + k]!);
        size += weight * Math.abs(cells[at + k]!);
        moved += weight * (error?.[at + k] ?? 0);
        count++;
      }
    };
    add(i, j);
    add(j, i);
    const unit = (8 + Math.sqrt(count)) * 2 ** -53 + (precision ? 2 ** -23 : 0);
    bounds[pair] = unit * size + moved;
  });
  return bounds;
}

/** How far each pair's probability is moved to see what becomes of the classes'. */
const move = 2 ** -20;

function boundProbabilities(
  node: SupportVectors,
  decisions: Float64Array,
  bounds: Float64Array,
  classes: number,
): Float64Array {
  const sigmoids = node.sigmoids!;
  const step = stepsOf(node);
  const round = rounding(step > 1);
  const own = decisions.map((decision, pair) =>
    pairProbability(decision, sigmoids[2 * pair]!, sigmoids[2 * pair + 1]!, round),
  );
  const found = couple(decisions, sigmoids, classes, round);
  // Steps of the iteration itself: each rounds every number a few times.
  const result = found.map((p) => step * (64 * ulpOf(p) + 8 * classes * 2 ** -53));
  own.forEach((p, pair) => {
    const exponent =
      Math.abs(decisions[pair]! * sigmoids[2 * pair]!) + Math.abs(sigmoids[2 * pair + 1]!);
    const moved = Math.abs(sigmoids[2 * pair]!) * bounds[pair]! + 2 * step * ulpOf(exponent);
    // In float32 a probability near 0 is what is left of 1.
    const error = moved * p * (1 - p) + 4 * (step > 1 ? 2 ** -24 : ulpOf(p));
    // The iteration may end a turn earlier or later for what is moved by its error.
    const by = Math.max(move, error);
    const changed = (sign: number) =>
      agree(
        own.map((one, k) => one + (k === pair ? sign * by : 0)),
        classes,
        Number,
      );
    const up = changed(1);
    const down = changed(-1);
    up.forEach((value, k) => {
      result[k]! += (Math.abs(value - down[k]!) / by) * error;
    });
  });
  return result;
}
