import type { Names } from '../boosting/named-categories.js';

/** A model as XGBoost's files have it, whichever format it was read from. */
export interface XgboostModel {
  /** Major, minor and patch; null where the file does not say. */
  readonly version: readonly number[] | null;
  readonly objective: string;
  readonly features: number;
  /** Columns of margins: classes, or targets. */
  readonly outputs: number;
  /** In the space of predictions: one, or one for each output. */
  readonly baseScore: readonly number[];
  /** Whether it is a margin instead, as before version 1.0. */
  readonly baseIsMargin: boolean;
  readonly names: readonly string[];
  readonly attributes: ReadonlyMap<string, string>;
  readonly booster: TreeBooster | LinearBooster;
}

export interface TreeBooster {
  readonly kind: 'trees';
  readonly trees: readonly XgboostTree[];
  /** The output that each tree adds to; null where leaves have all of them. */
  readonly treeOutputs: ArrayLike<number> | null;
  /** Of `dart`: what each tree's leaves are multiplied by. */
  readonly weights: ArrayLike<number> | null;
  /** Trees of a round of boosting. */
  readonly treesOfRound: number;
  /** Of each feature, null of numbers; empty where nothing is said of them. */
  readonly categories: readonly (Names | null)[];
}

export interface LinearBooster {
  readonly kind: 'linear';
  /** [features + 1, outputs]: the last row are the intercepts. */
  readonly weights: ArrayLike<number>;
}

/** Arrays over nodes, the root first. */
export interface XgboostTree {
  readonly path: string;
  /** Children; −1 as a left one makes a leaf. */
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly feature: ArrayLike<number>;
  /** Left where x < this; of a leaf its value. */
  readonly condition: ArrayLike<number>;
  readonly defaultLeft: ArrayLike<number>;
  /** Set by node: those of splits by category, whose categories go right. */
  readonly categories: ReadonlyMap<number, ArrayLike<number>>;
  /** Values of a leaf; 1, or the outputs. */
  readonly leafColumns: number;
  /** Values of several outputs, of leaf after leaf as `leafOf` says; null where a leaf has one. */
  readonly leafValues: ArrayLike<number> | null;
  /** Which of `leafValues` a node has. */
  readonly leafOf: (node: number) => number;
  /** What nodes weigh in training; null where that is not known. */
  readonly hessians: ArrayLike<number> | null;
  /** Nodes that pruning left behind, to which nothing leads. */
  readonly deleted: number;
}
