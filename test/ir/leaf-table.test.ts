import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LeafTable } from '../../src/ir/leaf-table.js';

/** Values by their bits: NaN with different payloads are made no other way. */
function fromBits(...bits: readonly bigint[]): Float64Array {
  return new Float64Array(BigUint64Array.from(bits).buffer);
}

function toBits(values: Float64Array): bigint[] {
  return Array.from(new BigUint64Array(values.slice().buffer));
}

const nan = 0x7ff8000000000000n;
const otherNan = 0x7ff8000000000001n;
const signalingNan = 0x7ff0000000000001n;
const minusZero = 0x8000000000000000n;

test('keeps values apart that compare equal, and stores equal bits once', () => {
  const patterns = [0n, minusZero, nan, otherNan, signalingNan, 0n, minusZero, nan, otherNan, 1n];
  const source = fromBits(...patterns);
  const table = new LeafTable(1);
  expect(patterns.map((_, i) => table.add(source, i))).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 5]);
  expect(toBits(table.values())).toEqual([...patterns.slice(0, 5), 1n]);
});

test('compares all columns', () => {
  const table = new LeafTable(3);
  const source = Float64Array.of(0, 0, 0, 0, 0, -0, -0, 0, 0, 0, 0, 0);
  expect([0, 3, 6, 9].map((offset) => table.add(source, offset))).toEqual([0, 1, 2, 0]);
});

test('does what a map by bits does, while it grows', () => {
  const bits = fc.oneof(
    fc.constantFrom(0n, minusZero, nan, otherNan, signalingNan, 1n, minusZero | 1n),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    // Close in either half.
    fc.nat(40).map(BigInt),
    fc.nat(40).map((high) => BigInt(high) << 32n),
  );
  const drawn = fc.integer({ min: 1, max: 4 }).chain((columns) =>
    fc
      .array(fc.array(bits, { minLength: columns, maxLength: columns }), {
        maxLength: 600,
        size: 'max',
      })
      .map((vectors) => ({ columns, vectors })),
  );
  fc.assert(
    fc.property(drawn, ({ columns, vectors }) => {
      const table = new LeafTable(columns);
      const known = new Map<string, number>();
      const source = fromBits(...vectors.flat());
      vectors.forEach((vector, i) => {
        const key = vector.join();
        if (!known.has(key)) known.set(key, known.size);
        expect(table.add(source, i * columns)).toBe(known.get(key));
      });
      const distinct = [...known.keys()].flatMap((key) => key.split(',').map(BigInt));
      expect(toBits(table.values())).toEqual(distinct);
    }),
    { seed: 21, numRuns: 40 },
  );
});
