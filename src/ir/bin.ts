import type { ResultType } from './encode.js';
import { resultTypes } from './encode.js';
import type { Fields } from './fields.js';

/** Replaces each number by the number of its column's edges that are not above it. */
export interface Bin {
  readonly kind: 'bin';
  readonly features: number;
  /** null: as the input's. With float32 the numbers are rounded to it first. */
  readonly type: ResultType | null;
  /** [features + 1]: where each column's edges begin. */
  readonly starts: Uint32Array;
  /** Ascending within a column. */
  readonly edges: Float64Array;
}

export function validateBin(f: Fields): Bin {
  const features = f.integer('features', 1, f.limits.features);
  const edges = f.array('edges', ['float64']);
  const starts = f.starts('starts', features, edges.length);
  const type = f.optional('type', (name) => f.oneOf(name, resultTypes));
  for (let column = 0; column < features; column++) {
    if (type === 'uint8' && starts[column + 1]! - starts[column]! > 255)
      f.fail(`starts[${column}]`, 'too many edges for uint8');
    for (let i = starts[column]!; i < starts[column + 1]!; i++) {
      if (!(edges[i]! >= (i > starts[column]! ? edges[i - 1]! : -Infinity)))
        f.fail(`edges[${i}]`, 'not ascending');
    }
  }
  return {
    kind: 'bin',
    features,
    type,
    starts,
    edges,
  };
}
