/** How answers to the same requests differ. */
export interface Differences {
  requests: number;
  /** Words, truths and gaps that are others, and answers of another shape. */
  changed: number;
  /** Numbers that are others, and the greatest difference. */
  moved: number;
  greatest: number;
  /** Requests that one answered, and the other refused. */
  errors: number;
}

export const noDifferences = (): Differences => ({
  requests: 0,
  changed: 0,
  moved: 0,
  greatest: 0,
  errors: 0,
});

/** Counts how two answers, as JSON, differ: value by value. */
export function compare(expected: unknown, found: unknown, into: Differences): void {
  if (typeof expected === 'number' && typeof found === 'number') {
    if (expected === found) return;
    into.moved++;
    into.greatest = Math.max(into.greatest, Math.abs(expected - found));
  } else if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    expected.forEach((one, i) => {
      compare(one, found[i], into);
    });
  } else if (isMap(expected) && isMap(found)) {
    // Of another version it is told as such.
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)]))
      if (key !== 'model_version') compare(expected[key], found[key], into);
  } else if (expected !== found) into.changed++;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
