import type { Value } from '../input/dense.js';
import type { Head } from '../ir/index.js';
import type { LeafFinder } from './leaf-finder.js';
import type { Transformer } from './transformer.js';

/** A compiled part that answers: rows in, raw scores out. */
export interface Scorer {
  /** Columns of raw scores. */
  readonly outputs: number;
  readonly head: Head;
  /**
   * Writes the raw scores [x.rows × outputs] to `out` and returns whether they are float32, as numpy's would be: then all that
   * is made of them is. Allocates nothing once its scratch has grown to the batch.
   */
  score(x: Value, out: Float64Array): boolean;
  /** The leaves that rows reach, where the model is one of trees that scikit-learn's `apply` answers for. */
  readonly leaves: LeafFinder | null;
  /** The standard deviations of each row's predictions [x.rows × outputs], where the model knows them. */
  readonly deviations: ((x: Value) => Float64Array) | null;
  /** What a model that answers makes of rows by `transform`, where it has that, too. */
  readonly transformer?: Transformer;
  /** What labels are chosen by, where that is something else than the raw scores. */
  readonly choosing?: Scorer['score'];
  /** `decision_function`, where that is something else than the raw scores: [x.rows × columns]. */
  readonly decisions?: (x: Value) => Float64Array;
  /** `predict_proba`, where the head's link is `own`: [x.rows × classes], in float64. */
  readonly probabilities?: (x: Value) => Float64Array;
  /** What probabilities are made of, where that is something else than the raw scores. */
  readonly probable?: Scorer['score'];
  /** `predict_log_proba`, where that is something else than the logarithm of the probabilities: [x.rows × classes]. */
  readonly logarithms?: (x: Value) => Float64Array;
}
