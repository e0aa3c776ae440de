import { exp } from '../math/exp.js';
import { zeros } from '../math/zeros.js';
import { eachPair } from './pairs.js';

const least = 1e-7;

/**
 * The probabilities of classes from decisions between every two, as libsvm finds them: each decision's own probability by its sigmoid, then those that
 * agree best with all of them (the second method of Wu, Lin and Weng, 2004), by an iteration that ends early.
 */
export function couple(
  decisions: Float64Array,
  sigmoids: Float64Array,
  classes: number,
): Float64Array {
  const own = zeros(decisions.length);
  decisions.forEach((decision, pair) => {
    const exponent = decision * sigmoids[2 * pair]! + sigmoids[2 * pair + 1]!;
    const power = exp(-Math.abs(exponent));
    own[pair] = exponent >= 0 ? power / (1 + power) : 1 / (1 + power);
  });
  return agree(own, classes);
}

/** The probabilities of classes from those of the first of every two, within 10⁻⁷ of 0 and 1. */
export function agree(own: Float64Array, classes: number): Float64Array {
  /** How probable i is between i and j. */
  const between = zeros(classes * classes);
  eachPair(classes, (i, j, pair) => {
    const probability = Math.min(Math.max(own[pair]!, least), 1 - least);
    between[i * classes + j] = probability;
    between[j * classes + i] = 1 - probability;
  });
  const matrix = zeros(classes * classes);
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      const against = between[j * classes + i]!;
      if (j === i) continue;
      matrix[i * classes + i]! += against * against;
      matrix[i * classes + j] = -against * between[i * classes + j]!;
    }
  }
  const p = zeros(classes).fill(1 / classes);
  const products = zeros(classes);
  const most = Math.max(100, classes);
  for (let round = 0; round < most; round++) {
    let total = 0;
    for (let i = 0; i < classes; i++) {
      let product = 0;
      for (let j = 0; j < classes; j++) product += matrix[i * classes + j]! * p[j]!;
      products[i] = product;
      total += p[i]! * product;
    }
    let worst = 0;
    for (let i = 0; i < classes; i++) worst = Math.max(worst, Math.abs(products[i]! - total));
    if (worst < 0.005 / classes) break;
    for (let i = 0; i < classes; i++) {
      const diagonal = matrix[i * classes + i]!;
      const step = (-products[i]! + total) / diagonal;
      p[i]! += step;
      total = (total + step * (step * diagonal + 2 * products[i]!)) / (1 + step) / (1 + step);
      for (let j = 0; j < classes; j++) {
        products[j] = (products[j]! + step * matrix[i * classes + j]!) / (1 + step);
        p[j]! /= 1 + step;
      }
    }
  }
  return p;
}
