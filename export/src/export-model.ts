import type { ModelDescription } from 'nuthatch/ir';
import { refuse } from './refuse.js';
import { type ExportedFile, type ExportOptions, type Target, targets } from './targets.js';

export type { ExportedFile, ExportOptions };

/**
 * Writes a model as what runs elsewhere: one file or several.
 *
 * @throws NuthatchError `unsupported`, naming the part that the target cannot have, and what can; `limit-exceeded`, `usage`
 */
export async function exportModel(
  model: ModelDescription,
  target: Target,
  options: ExportOptions = {},
): Promise<readonly ExportedFile[]> {
  if (!Object.hasOwn(targets, target))
    refuse('usage', 'target', `expected one of ${Object.keys(targets).join(', ')}`);
  return targets[target](model, options);
}
