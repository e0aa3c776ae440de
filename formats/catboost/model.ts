import type { Problem } from '../../src/errors.js';
import type { JsonMap } from '../json/json.js';

/** A model as CatBoost's files have it, whichever format it was read from. */
export interface CatboostModel {
  readonly info: ModelInfo;
  /** Columns of raw scores. */
  readonly outputs: number;
  readonly floats: readonly FloatFeature[];
  readonly categoricals: readonly CategoricalFeature[];
  /** What a file has besides that is not read: why each is refused. */
  readonly problems: readonly Problem[];
  readonly trees: readonly CatboostTree[];
  /** Raw scores are sums of leaves times this … */
  readonly scale: number;
  /** … plus these, one for each output. */
  readonly bias: readonly number[];
}

/** What CatBoost keeps of the training; null for what it did not say. */
export interface ModelInfo {
  /** What the library says of its own version. */
  readonly version: string | null;
  readonly time: string | null;
  /** The name of what was minimized. */
  readonly loss: string | null;
  readonly classes: JsonMap | null;
  /** The probability above which the second of two classes is predicted. */
  readonly threshold: string | null;
}

export interface Feature {
  /** Among the features of its own type. */
  readonly index: number;
  /** Among all columns. */
  readonly column: number;
  /** Empty where it has none. */
  readonly name: string;
  readonly path: string;
}

export interface FloatFeature extends Feature {
  /** Ascending float32; none where no split asks for the feature. */
  readonly borders: ArrayLike<number>;
  /** Whether NaN counts as larger than every border, instead of smaller. */
  readonly missingAbove: boolean;
}

export interface CategoricalFeature extends Feature {
  /** Hashes of the categories that splits ask for, as CatBoost has them, int32. */
  readonly hashes: ArrayLike<number>;
  /** The categories themselves; null for those that the file does not name. */
  readonly names: readonly (string | null)[];
}

/** Arrays over nodes, the root first. */
export interface CatboostTree {
  readonly path: string;
  /** Children; both −1 at a leaf. A split that holds is on the right. */
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  /** Of each split its place among all that the features' borders and categories make. */
  readonly split: ArrayLike<number>;
  /** [nodes × outputs]. */
  readonly values: Float64Array;
  /** What training rows weigh in each node; null where that is not known. */
  readonly weights: ArrayLike<number> | null;
}
