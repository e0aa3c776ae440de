import { describe, expect, test } from 'vitest';
import { boundNeighbors } from '../src/compile/neighbors-bound.js';
import type { Neighbors } from '../src/ir/index.js';
import { neighbors } from './hostile/transformers.js';

/** Four stored rows, and one that is the first of them. Of products its distance is found to be 0, or a little more. */
const stored = [0.1, 0.7, 0.3, 0.9, 1.3, 0.2, 0.7, 1.9];
const row = Float64Array.of(0.1, 0.7);
const targets = [2, 5, 5, 11];
const classes = [0, 1, 1, 2];

const ofProducts = (more: object) =>
  neighbors(2, {
    rows: Float64Array.from(stored),
    nearest: 4,
    source: 'products',
    weigh: 'distance',
    ...more,
  }) as Neighbors;

/** What comes out where the row is so far from the first stored one. */
function sharesAt(distance: number): number[] {
  const weights = targets.map((_, i) => {
    if (i === 0) return 1 / distance;
    return 1 / Math.hypot(stored[2 * i]! - row[0]!, stored[2 * i + 1]! - row[1]!);
  });
  const sum = weights.reduce((all, one) => all + one, 0);
  return weights.map((one) => one / sum);
}

describe('of a row that may be at distance 0', () => {
  test('shares are bounded, tightly', () => {
    const node = ofProducts({
      combine: 'shares',
      widths: Uint32Array.of(3),
      classes: Uint32Array.from(classes),
    });
    const bound = boundNeighbors(node, row, null, false)!;
    const near = sharesAt(1e-8);
    const found = [1 - near[0]!, near[1]! + near[2]!, near[3]!];
    found.forEach((off, one) => {
      expect(bound[one]).toBeGreaterThan(off);
      expect(bound[one]).toBeLessThan(100 * off);
    });
  });

  test('means are bounded, tightly', () => {
    const node = ofProducts({ combine: 'means', targets: Float64Array.from(targets) });
    const bound = boundNeighbors(node, row, null, false)!;
    const mean = sharesAt(1e-8).reduce((sum, one, i) => sum + one * targets[i]!, 0);
    expect(bound[0]).toBeGreaterThan(mean - 2);
    expect(bound[0]).toBeLessThan(100 * (mean - 2));
  });

  test('two such rows of other classes may share it in any way, and nobody else has more', () => {
    const twice = Float64Array.from(stored);
    twice.copyWithin(2, 0, 2);
    const node = ofProducts({
      rows: twice,
      combine: 'shares',
      widths: Uint32Array.of(3),
      classes: Uint32Array.from(classes),
    });
    const bound = boundNeighbors(node, row, null, false)!;
    expect(bound[0]).toBeGreaterThanOrEqual(1);
    expect(bound[1]).toBeGreaterThanOrEqual(1);
    expect(bound[2]).toBeLessThan(1e-6);
  });
});

test('where it is open who is a neighbour, bounds are finite: other parts multiply them by 0', () => {
  const middle = Float64Array.of(0.2, 0.8);
  const more = { nearest: 1, weigh: 'uniform' };
  const shares = {
    combine: 'shares',
    widths: Uint32Array.of(3),
    classes: Uint32Array.from(classes),
  };
  const found = (node: object) =>
    boundNeighbors(ofProducts({ ...more, ...node }), middle, null, false);
  expect(found(shares)).toEqual(Float64Array.of(1, 1, 1));
  const [mean] = found({ combine: 'means', targets: Float64Array.from(targets) })!;
  expect(mean).toBeCloseTo(9, 9);
  expect(found({ combine: 'connectivity' })).toEqual(Float64Array.of(1, 1, 0, 0));
  expect(Math.max(...found({ combine: 'distances' })!)).toBeLessThan(1);
});
