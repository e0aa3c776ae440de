import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allKinds, createCompiler } from '../src/compile/compile.js';
import type { Transformer } from '../src/compile/transformer.js';
import { type ArithmeticName, arithmeticNames, type Elementwise } from '../src/ir/index.js';
import { Random } from './hostile/random.js';
import { expectSameBits } from './ir/bits.js';

/** What arithmetic is defined as, a cell at a time. */
const definitions: { readonly [N in ArithmeticName]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  minimum: (a, b) => (a > b ? b : a),
  maximum: (a, b) => (a < b ? b : a),
  greater: (a, b) => Number(a > b),
  void: (a, b) => (a === b ? Number.NaN : a),
  fill: (a, b) => (Number.isNaN(a) ? b : a),
  shrink: (a, b) => (a > b ? a - b : a < -b ? a + b : 0),
  flush: (a, b) => (Math.abs(a) <= b ? 0 : a),
};

/** Few numbers, so that cells equal operands. */
const drawNumber = (random: Random): number =>
  random.pick([0, -0, 1, 3, 0.1, -0.1, 1e30, -5e-324, Number.NaN, Infinity, random.next()]);

test.each(arithmeticNames)(
  '%s of narrow, wide and compressed rows is that of each cell',
  (name) => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 80 }),
        fc.constantFrom(Float64Array, Float32Array),
        fc.boolean(),
        fc.boolean(),
        (seed, features, rows, type, rounded, compressed) => {
          const random = new Random(seed);
          const draw = (length: number) => Array.from({ length }, () => drawNumber(random));
          // Compressed rows are taken by what makes 0 of 0 alone.
          const operands = Float64Array.from(
            draw(compressed ? 200 : features).filter(
              (b) => !compressed || definitions[name](0, b) === 0,
            ),
          ).subarray(0, features);
          const columns = Array.from({ length: rows }, () =>
            random.sample(features, compressed ? random.below(features + 1) : features),
          );
          const indices = Int32Array.from(columns.flat());
          const indptr = Int32Array.from([0, ...columns.map((row) => row.length)]);
          for (let row = 0; row < rows; row++) indptr[row + 1]! += indptr[row]!;
          const data = type.from(draw(indices.length));
          const dense = { data, rows, cols: features, names: null };
          const node: Elementwise = {
            ...{ kind: 'elementwise', features, nonFinite: 'any', type: null },
            operations: [{ operation: name, operands, rounded }],
          };
          const kind = compressed ? 'sparse' : 'dense';
          const { transform } = createCompiler(allKinds(), null)(
            node,
            { kind, columns: features },
            null,
          ) as Transformer;
          const found = transform(compressed ? { ...dense, indices, indptr } : dense).data;
          const round = rounded && type === Float32Array ? Math.fround : Number;
          const expected = data.map((a, i) => {
            const column = compressed ? indices[i]! : i % features;
            return definitions[name](a, round(operands[column]!));
          });
          expect(found).toBeInstanceOf(type);
          expectSameBits(
            Float64Array.from(found.subarray(0, data.length)),
            Float64Array.from(expected),
            name,
          );
        },
      ),
      { seed: 62, numRuns: 40 },
    );
  },
);
