import {
  type ArrayOf,
  type Fields,
  finite,
  indices,
  optional,
  read,
  readAll,
  sized,
  upTo,
} from './fields.js';
import { type NodeRules, scores } from './rules.js';
import type { NonFinitePolicy, Own } from './value.js';

/**
 * Cells of a row added up in a few columns, with signs, as hashes tell; and the circular convolution of several such sums, which is a sketch of
 * products of cells.
 */
export interface CountSketch {
  readonly kind: 'count-sketch';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the output. */
  readonly outputs: number;
  readonly nonFinite: NonFinitePolicy;
  /** [1]: a cell that stands after those of each row; null for none. */
  readonly constant: Float64Array | null;
  /** [sums × cells]: the column that each cell is added to. */
  readonly columns: ArrayOf<'uint32'>;
  /** [sums × cells]: whether it is subtracted there, 1, or added, 0. */
  readonly negative: Uint8Array;
}

export const countSketchRules: NodeRules<CountSketch> = {
  kind: 'count-sketch',
  validate: validateCountSketch,
  gives: scores,
};

/** Cells that are added up: those of a row, and perhaps a constant. */
export const sketchedCells = ({ features, constant }: CountSketch): number =>
  features + (constant === null ? 0 : 1);

function validateCountSketch(f: Fields, features: number): Own<CountSketch> {
  const { outputs, constant } = readAll(f, {
    outputs: upTo('classes'),
    constant: optional(finite(1)),
  });
  const cells = features + (constant === null ? 0 : 1);
  const columns = read(f, 'columns', sized(indices(outputs), 1, mostSums, cells));
  const negative = read(f, 'negative', indices(2, ['uint8'], columns.length));
  return { outputs, constant, columns, negative };
}

/** Degrees of the polynomial. */
const mostSums = 64;
