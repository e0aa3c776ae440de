/** How wide a slot of a tree is; `Trees` describes both. */
export type TreeLayout = 'narrow' | 'wide';

export const nodeFlags = {
  /** NaN goes right (else left). */
  missingRight: 1,
  /** The left child is a leaf. */
  leftLeaf: 2,
  /** The right child is a leaf. */
  rightLeaf: 4,
  /** The operand is the index of a category set. */
  categorical: 8,
} as const;
/** Position of the feature field, above the flags. */
export const featureShift = 4;
export const wideFeatureBits = 28;

/** Uint32 words of one slot. */
export const slotWords = (layout: TreeLayout): 2 | 4 => (layout === 'narrow' ? 2 : 4);

/** The float64 values over pairs of words, shared with `words`. */
export const float64View = (words: Uint32Array): Float64Array =>
  new Float64Array(words.buffer, words.byteOffset, words.length >> 1);

/** What of `Trees` makes up their structure. */
export interface TreeArrays {
  readonly features: number;
  readonly layout: TreeLayout;
  readonly featureBits: number;
  readonly nodes: Uint32Array;
  readonly starts: Uint32Array;
  readonly depths: ArrayLike<number>;
  readonly leafColumns: number;
  readonly leaves: Float64Array | null;
  readonly categories: { readonly unlisted: Uint8Array } | null;
}

/** What finds trees right faster than their validator: true says that their structure and depths are right, false nothing. */
export type ProveTrees = (trees: TreeArrays) => boolean;
