import { type Bench, compareAll } from '../context.js';
import { listPeers } from '../peers/list.js';

export const runsIn = ['node', 'python'] as const;
export const trained = ['linear'];

/** A logistic regression on digits by every peer. */
export async function run(bench: Bench): Promise<void> {
  await compareAll(bench, trained, listPeers(bench));
}
