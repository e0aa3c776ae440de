import { describe, expect, test } from 'vitest';
import { makeLargeForest } from '../bench/large-forest.js';
import { writeNut } from '../formats/nut/index.js';
import { load } from '../src/index.js';

/** Times are `npm run bench`'s to measure (load); here stands what does not depend on the machine. */
describe.each([
  { name: 'a regressor with a distinct value in every leaf', classes: 0 },
  { name: 'a classifier grown full', classes: 7 },
])('$name, of a million nodes', ({ classes }) => {
  const nodes = 100 * 10_001;
  const bytes = writeNut(
    makeLargeForest({ trees: 100, splits: 5000, features: 30, classes, seed: 1 }),
  );

  test('takes at most ten bytes a node', () => {
    expect(bytes.length / nodes).toBeLessThanOrEqual(10);
  });

  test('loads without an object for each node', () => {
    const before = process.memoryUsage();
    const models = Array.from({ length: 4 }, () => load(bytes));
    const after = process.memoryUsage();
    const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
    expect(models).toHaveLength(4);
    // Four bytes a node would be 16 MB.
    expect(grown).toBeLessThan(4e6);
  });
});
