import { type Floats, floats, integer, read, readAll } from './fields.js';
import { type NodeRules, scores } from './rules.js';
import { denseOnly, type NonFinitePolicy } from './value.js';

/** Each row as a combination of few atoms, found by orthogonal matching pursuit. */
export interface Pursuit {
  readonly kind: 'pursuit';
  /** Columns of the input. */
  readonly features: number;
  /** Atoms, and columns of the output: how much of each is in the row. */
  readonly outputs: number;
  readonly nonFinite: NonFinitePolicy;
  /** [outputs × features], row after row. Their products with each other are float32 where rows or atoms are, results where rows are, as in scikit-learn. */
  readonly atoms: Floats;
  /** The most atoms that a row is made of. */
  readonly nonzeros: number;
}

/** The products of all atoms with each other are kept. */
const mostAtoms = 1024;

export const pursuitRules: NodeRules<Pursuit> = {
  kind: 'pursuit',
  takes: denseOnly,
  validate(f, features) {
    const outputs = read(f, 'outputs', integer(1, mostAtoms));
    return {
      outputs,
      ...readAll(f, {
        atoms: floats(outputs * features),
        nonzeros: integer(1, outputs),
      }),
    };
  },
  gives: scores,
};
