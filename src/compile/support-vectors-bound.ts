import type { SupportVectors } from '../ir/index.js';
import { exp } from '../math/exp.js';
import { ulpOf } from '../math/ulp.js';
import { agree, couple } from './couple.js';
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
          scores[row * outputs + k]! += flips + bound / 3 + 3 * ulpOf(classes);
        }
        if (ofPairs) decisions[row * pairs.length + pair] = bound;
      });
    }
    probabilities?.set(boundProbabilities(pairs, bounds, sigmoids!, classes), row * classes);
  }
  if (outputs > 1 && !ofPairs) decisions.set(scores);
  return { error: breakTies ? scores : votes, decisions, probabilities };
}

function eachPair(classes: number, visit: (i: number, j: number, pair: number) => void): void {
  let pair = 0;
  for (let i = 0; i < classes; i++) for (let j = i + 1; j < classes; j++) visit(i, j, pair++);
}

/** (8 + √n) · 2⁻⁵³ · (Σ|kᵢwᵢ| + |b|) and Σ|eᵢwᵢ|. */
function boundDecisions(
  { features, starts, coefficients, intercepts }: SupportVectors,
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
    bounds[pair] = (8 + Math.sqrt(count)) * 2 ** -53 * size + moved;
  });
  return bounds;
}

/** How far each pair's probability is moved to see what becomes of the classes'. */
const move = 2 ** -20;

function boundProbabilities(
  decisions: Float64Array,
  bounds: Float64Array,
  sigmoids: Float64Array,
  classes: number,
): Float64Array {
  const own = decisions.map((decision, pair) => {
    const power = exp(decision * sigmoids[2 * pair]! + sigmoids[2 * pair + 1]!);
    return 1 / (1 + power);
  });
  const found = couple(decisions, sigmoids, classes);
  // Steps of the iteration itself: each rounds every number a few times.
  const result = found.map((p) => 64 * ulpOf(p) + 8 * classes * 2 ** -53);
  own.forEach((p, pair) => {
    const exponent =
      Math.abs(decisions[pair]! * sigmoids[2 * pair]!) + Math.abs(sigmoids[2 * pair + 1]!);
    const moved = Math.abs(sigmoids[2 * pair]!) * bounds[pair]! + 2 * ulpOf(exponent);
    const error = moved * p * (1 - p) + 4 * ulpOf(p);
    const changed = (by: number) =>
      agree(
        own.map((one, k) => one + (k === pair ? by : 0)),
        classes,
      );
    const up = changed(move);
    const down = changed(-move);
    up.forEach((value, k) => {
      result[k]! += (Math.abs(value - down[k]!) / move) * error;
    });
  });
  return result;
}
