import { exp } from '../math/exp.js';
import type { Round } from '../math/rounding.js';
import { zeros } from '../math/zeros.js';
import { eachPair } from './pairs.js';

const least = 1e-7;

/**
 * The probabilities of classes from decisions between every two, as libsvm finds them: each decision's own probability by its sigmoid, then those that
 * agree best with all of them (the second method of Wu, Lin and Weng, 2004), by an iteration that ends early. In float32 each step is rounded.
 */
export function couple(
  decisions: Float64Array,
  sigmoids: Float64Array,
  classes: number,
  round: Round,
): Float64Array {
  const own = zeros(decisions.length);
  decisions.forEach((decision, pair) => {
    own[pair] = pairProbability(decision, sigmoids[2 * pair]!, sigmoids[2 * pair + 1]!, round);
  });
  return agree(own, classes, round);
}

export function pairProbability(
  decision: number,
  slope: number,
  offset: number,
  round: Round,
): number {
  const exponent = round(round(decision * slope) + offset);
  const power = round(exp(-Math.abs(exponent)));
  const above = round(1 / round(1 + power));
  if (round === Math.fround) return exponent < 0 ? round(1 - round(1 - above)) : round(1 - above);
  return exponent >= 0 ? power / (1 + power) : above;
}

/** The probabilities of classes from those of the first of every two, within 10⁻⁷ of 0 and 1. */
export function agree(own: Float64Array, classes: number, round: Round): Float64Array {
  /** How probable i is between i and j. */
  const between = zeros(classes * classes);
  const low = round(least);
  const high = round(1 - low);
  eachPair(classes, (i, j, pair) => {
    const probability = Math.min(Math.max(own[pair]!, low), high);
    between[i * classes + j] = probability;
    between[j * classes + i] = round(1 - probability);
  });
  const matrix = zeros(classes * classes);
  for (let i = 0; i < classes; i++) {
    const diagonal = i * classes + i;
    for (let j = 0; j < classes; j++) {
      const against = between[j * classes + i]!;
      if (j === i) continue;
      matrix[diagonal] = round(matrix[diagonal]! + round(against * against));
      matrix[i * classes + j] = round(-against * between[i * classes + j]!);
    }
  }
  const p = zeros(classes).fill(round(1 / classes));
  const products = zeros(classes);
  const most = Math.max(100, classes);
  const near = round(round(0.005) / classes);
  for (let turn = 0; turn < most; turn++) {
    let total = 0;
    for (let i = 0; i < classes; i++) {
      let product = 0;
      for (let j = 0; j < classes; j++)
        product = round(product + round(matrix[i * classes + j]! * p[j]!));
      products[i] = product;
      total = round(total + round(p[i]! * product));
    }
    let worst = 0;
    for (let i = 0; i < classes; i++)
      worst = Math.max(worst, Math.abs(round(products[i]! - total)));
    if (worst < near) break;
    for (let i = 0; i < classes; i++) {
      const diagonal = matrix[i * classes + i]!;
      const step = round(round(total - products[i]!) / diagonal);
      const divisor = round(1 + step);
      p[i] = round(p[i]! + step);
      const change = round(round(step * diagonal) + 2 * products[i]!);
      total = round(total + round(step * change));
      total = round(round(total / divisor) / divisor);
      for (let j = 0; j < classes; j++) {
        const sum = round(products[j]! + round(step * matrix[i * classes + j]!));
        products[j] = round(sum / divisor);
        p[j] = round(p[j]! / divisor);
      }
    }
  }
  return p;
}
