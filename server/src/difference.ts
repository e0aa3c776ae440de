import type { RowAnswer } from './answer.js';

/** How the answers of two models to the same rows differ. */
export interface Difference {
  readonly rows: number;
  /** Rows of which any value is another. */
  readonly differing: number;
  /** Between two numbers; infinite where only one of them is finite. */
  readonly greatest: number;
}

export function compareAnswers(one: readonly RowAnswer[], other: readonly RowAnswer[]): Difference {
  let differing = 0;
  let greatest = 0;
  const rows = Math.max(one.length, other.length);
  for (let row = 0; row < rows; row++) {
    const distance = distanceOf(one[row], other[row]);
    if (distance === null) continue;
    differing++;
    greatest = Math.max(greatest, distance);
  }
  return { rows, differing, greatest };
}

/** null for the same; 0 for what differs and is not two numbers. */
function distanceOf(one: RowAnswer | undefined, other: RowAnswer | undefined): number | null {
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length) {
    return one.reduce<number | null>((most, value, i) => {
      const distance = distanceOf(value, other[i]);
      return distance === null ? most : Math.max(most ?? 0, distance);
    }, null);
  }
  if (Object.is(one, other) || one === other) return null;
  if (typeof one !== 'number' || typeof other !== 'number') return 0;
  const distance = Math.abs(one - other);
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}
