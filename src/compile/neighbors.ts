import { refuse } from '../errors.js';
import { copyRow, isSingle, placeOf } from '../input/dense.js';
import { type Neighbors, neighborColumns, neighborsRules, storedRows } from '../ir/index.js';
import { sortedOrder, weighNearest } from '../kernels/nearest.js';
import { pairwiseSum, pairwiseSumOfSingles } from '../math/pairwise-sum.js';
import { rounding } from '../math/rounding.js';
import { sequentialSum } from '../math/softmax.js';
import { zeros } from '../math/zeros.js';
import type { ValueBuffer } from './buffer.js';
import { bySingle } from './by-single.js';
import type { NodeKind } from './kind.js';
import { compileSearch, infinitelyFar, type Search } from './neighbor-search.js';
import { writeRows } from './write-rows.js';

export const neighbors: NodeKind<Neighbors> = {
  rules: neighborsRules,
  transform(node, out) {
    const { features, targets, weigh, nearest } = node;
    const combine = combinations[node.combine](node, out);
    const isSorted = nearest !== null && (weigh === 'distance' || node.combine !== 'shares');
    // Means of float32 targets are float32.
    const ofTargets = node.combine === 'means' && weigh === 'uniform';
    const row = zeros(features);
    const searchFor = bySingle((single) => compileSearch(node, single, isSorted));
    return (x) => {
      const single = isSingle(x.data);
      const search = searchFor(x);
      return writeRows(
        out,
        x,
        isSingle(targets) && (ofTargets || (single && node.combine === 'outlier-factor'))
          ? 'float32'
          : 'float64',
        (i) => {
          copyRow(x, i, row);
          const count = search.find(row);
          if (count === 0 && (nearest !== null || (node.widths && !node.empty)))
            refuse(
              'input-range',
              placeOf(x, i),
              nearest === null
                ? 'has no neighbours, and the model no label for such rows'
                : infinitelyFar,
            );
          combine(search, count, single);
        },
      );
    };
  },
};

/** Writes what becomes of a row's neighbours to the buffer. */
type Combine = (found: Search, count: number, single: boolean) => void;

const combinations: {
  readonly [C in Neighbors['combine']]: (node: Neighbors, out: ValueBuffer) => Combine;
} = {
  shares({ widths, classes, empty, weigh }, out) {
    const outputs = widths!.length;
    const shares = zeros(widths!.reduce((most, width) => Math.max(most, width), 0));
    return (found, count) => {
      weighNearest(found, count, weigh === 'distance');
      for (let k = 0, first = 0; k < outputs; k++) {
        const width = widths![k]!;
        shares.fill(0, 0, width);
        for (let i = 0; i < count; i++)
          shares[classes![found.indices[i]! * outputs + k]!]! += found.distances[i]!;
        if (count === 0 && empty![k]! >= 0) shares[empty![k]!] = 1;
        const sum = pairwiseSum(shares, 0, width) || 1;
        for (let i = 0; i < width; i++) out.put(first + i, shares[i]! / sum);
        first += width;
      }
    };
  },

  means(node, out) {
    const { targets, empty, weigh, nearest } = node;
    const outputs = neighborColumns(node);
    const terms = zeros(nearest ?? storedRows(node));
    const areSingle = weigh === 'uniform' && isSingle(targets);
    // numpy adds up pairwise where terms lie side by side.
    const isPairwise = outputs === 1 || (weigh === 'distance' && nearest !== null);
    const round = rounding(areSingle);
    const sum = !isPairwise ? sequentialSum : areSingle ? pairwiseSumOfSingles : pairwiseSum;
    return (found, count) => {
      const { distances, indices } = found;
      weighNearest(found, count, weigh === 'distance');
      const whole = pairwiseSum(distances, 0, count);
      for (let k = 0; k < outputs; k++) {
        for (let i = 0; i < count; i++)
          terms[i] = targets![indices[i]! * outputs + k]! * distances[i]!;
        out.put(k, count === 0 ? (empty?.[k] ?? NaN) : (0 + sum(terms, 0, count, round)) / whole);
      }
    };
  },

  sums(node, out) {
    const outputs = neighborColumns(node);
    return ({ indices }, count) => {
      for (let k = 0; k < outputs; k++) {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += node.targets![indices[i]! * outputs + k]!;
        out.put(k, sum);
      }
    };
  },

  connectivity: (_node, out) => (found, count) => putInOrder(found, count, out, () => 1),
  distances: (_node, out) => (found, count) =>
    putInOrder(found, count, out, (i) => found.distances[i]!),

  'outlier-factor'({ targets, nearest }, out) {
    const terms = zeros(nearest!);
    return ({ distances, indices }, count, single) => {
      const round = rounding(single && isSingle(targets));
      const sum = round === Number ? pairwiseSum : pairwiseSumOfSingles;
      for (let i = 0; i < count; i++) {
        const far = single ? Math.fround(distances[i]!) : distances[i]!;
        terms[i] = Math.max(far, targets![indices[i]! * 2]!);
      }
      const density = round(1 / round(round(sum(terms, 0, count) / count) + round(1e-10)));
      for (let i = 0; i < count; i++) terms[i] = round(targets![indices[i]! * 2 + 1]! / density);
      out.put(0, -(sum(terms, 0, count) / count));
    };
  },
};

function putInOrder(
  { indices }: Search,
  count: number,
  out: ValueBuffer,
  cell: (i: number) => number,
): void {
  for (const i of sortedOrder(indices.subarray(0, count))) out.put(indices[i]!, cell(i));
}
