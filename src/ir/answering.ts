import type { Head } from './head.js';

/** What of a node says how it answers. */
interface Answering {
  readonly head?: Head;
  readonly steps?: readonly unknown[];
}

/** The head of a node, its own or that of its last step; null of one that transforms. */
export function headOf(node: unknown): Head | null {
  const { head, steps } = node as Answering;
  return steps ? headOf(steps[steps.length - 1]) : (head ?? null);
}
