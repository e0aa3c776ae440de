import { expect, test } from 'vitest';
import { allKinds, createCompiler } from '../src/compile/compile.js';
import { boundLeafModels } from '../src/compile/leaf-models-bound.js';
import type { Scorer } from '../src/compile/scorer.js';
import { boundTrees } from '../src/compile/trees-bound.js';
import type { LeafModels, Node, Trees } from '../src/ir/index.js';
import { smallModels } from './hostile/models.js';
import { Random } from './hostile/random.js';

const { root } = smallModels['linear models in leaves, a link']!();
const node = root as LeafModels<Node>;
const { features, outputs } = node;
const compile = createCompiler(allKinds());
const scorerOf = (one: Node) => compile(one, { kind: 'dense', columns: features }, null) as Scorer;
const scorer = scorerOf(node);
const chooser = scorerOf(node.node);

function scoreOf(data: Float64Array): number {
  const out = new Float64Array(outputs);
  scorer.score({ data, rows: 1, cols: features, names: null }, out);
  return out[0]!;
}

function boundOf(cells: Float64Array, error: Float64Array | null): number | null {
  const value = { data: cells, rows: 1, cols: features, names: null };
  const own = boundTrees(node.node as Trees, value, cells, error);
  return boundLeafModels(node, cells, error, { scorer: chooser, value, error: own })?.[0] ?? null;
}

test('scores that a row may have anywhere within its errors lie within their bound, which is near what they reach', () => {
  const random = new Random(7);
  let open = 0;
  let nearest = 0;
  for (let run = 0; run < 400; run++) {
    const cells = Float64Array.from({ length: features }, () =>
      random.below(8) === 0 ? Number.NaN : random.next() * 4 - 2,
    );
    const error = cells.map(() => (random.below(2) === 0 ? 0 : 10 ** -random.below(14)));
    const bound = boundOf(cells, error);
    const here = scoreOf(cells);
    if (bound === Number.POSITIVE_INFINITY) open++;
    else
      for (let way = 0; way < 2 ** features; way++) {
        const moved = cells.map((cell, i) => cell + ((way >> i) & 1 ? error[i]! : -error[i]!));
        const off = Math.abs(scoreOf(moved) - here);
        expect(off).toBeLessThanOrEqual(bound ?? 0);
        if (bound) nearest = Math.max(nearest, off / bound);
      }
  }
  expect(open).toBeGreaterThan(5);
  expect(nearest).toBeGreaterThan(0.9);
});

test('there is no bound where no cell is off', () => {
  const cells = new Float64Array(features).fill(0.5);
  expect(boundOf(cells, null)).toBe(null);
  expect(boundOf(cells, new Float64Array(features))).toBe(null);
});
