import type { SourceTree } from '../../src/ir/pack-trees.js';

/** A tree without the values of its leaves. */
export type Shape = Omit<SourceTree, 'values'>;

/** A tree whose splits are yet to be written. */
export interface SplitShape {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly feature: Float64Array;
  readonly threshold: Float64Array;
  readonly missingLeft: Uint8Array;
  categorical: Uint8Array | null;
  readonly covers: null;
  readonly path: string;
}

export function emptyShape(count: number, path: string): SplitShape {
  return {
    left: new Int32Array(count).fill(-1),
    right: new Int32Array(count).fill(-1),
    feature: new Float64Array(count),
    threshold: new Float64Array(count),
    missingLeft: new Uint8Array(count),
    categorical: null,
    covers: null,
    path,
  };
}
