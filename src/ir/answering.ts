import type { Head } from './head.js';

/** What of a node says how it answers. */
interface Answering {
  readonly head?: Head;
  readonly steps?: readonly unknown[];
  readonly paths?: 'forest' | 'tree' | 'stages' | null;
  readonly starts?: Uint32Array;
}

/** The head of a node, its own or that of its last step; null of one that transforms. */
export function headOf(node: unknown): Head | null {
  const { head, steps } = node as Answering;
  return steps ? headOf(steps[steps.length - 1]) : (head ?? null);
}

/** Columns of the leaf ids that a node offers: one a tree. 0 where it offers none. */
export function leafColumnsOf(node: unknown): number {
  const { steps, paths, starts } = node as Answering;
  if (steps) return leafColumnsOf(steps[steps.length - 1]);
  return paths && starts ? starts.length - 1 : 0;
}
