import type { Value } from '../input/dense.js';
import type { Head } from '../ir/index.js';
import type { LeafFinder } from './leaf-finder.js';
import type { Transformer } from './transformer.js';

/** Writes numbers for each row [x.rows × columns] to `out`, and returns whether they are float32, as numpy's would be. */
export type Write = (x: Value, out: Float64Array) => boolean;

/** What a method answers, as numbers. */
export interface Answer {
  readonly columns: number;
  readonly write: Write;
}

/** A compiled part that answers: rows in, raw scores out. */
export interface Scorer {
  /** Columns of raw scores. */
  readonly outputs: number;
  readonly head: Head;
  /**
   * Writes the raw scores [x.rows × outputs]; if they are float32, then all that is made of them is. Allocates nothing once its
   * scratch has grown to the batch.
   */
  readonly score: Write;
  /** The leaves that rows reach, where the model is one of trees that scikit-learn's `apply` answers for. */
  readonly leaves?: LeafFinder | null | undefined;
  /** What a model that answers makes of rows by `transform`, where it has that, too. */
  readonly transformer?: Transformer | null | undefined;
  /** What labels are chosen by, where that is something else than the raw scores. */
  readonly choosing?: Write | null | undefined;
  /** The standard deviations of each row's predictions [x.rows × outputs], where the model knows them. */
  readonly deviations?: Answer | null | undefined;
  /** `decision_function`, where that is something else than the raw scores. */
  readonly decisions?: Answer | null | undefined;
  /** `predict_proba`, where the head's link is `own`. */
  readonly probabilities?: Answer | null | undefined;
  /** What probabilities are made of, where that is something else than the raw scores. */
  readonly probable?: Write | null | undefined;
  /** `predict_log_proba`, where that is something else than the logarithm of the probabilities. */
  readonly logarithms?: Answer | null | undefined;
}
