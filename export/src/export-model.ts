import type { ModelDescription } from 'nuthatch/ir';
import type { ExportedFile, ExportOptions } from './options.js';
import { refuse } from './refuse.js';
import { dialectNames } from './sql/index.js';
import { type Target, targets } from './targets.js';

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
  const { name, library, dialect } = options;
  if (dialect !== undefined && !dialectNames.includes(dialect))
    refuse('usage', 'dialect', `expected one of ${dialectNames.join(', ')}`);
  if (name !== undefined && !/^[A-Za-z_]\w{0,99}$/.test(name))
    refuse('usage', 'name', 'expected letters, digits and _');
  if (library !== undefined && !/^gs:\/\/[\w./-]+$/.test(library))
    refuse('usage', 'library', 'expected gs://BUCKET/FILE.js');
  const rules = targets[target];
  for (const option of Object.keys(options))
    if (!rules.options.some((own) => own === option))
      refuse('usage', option, `${target} has no use for it`);
  return rules.write(model, options);
}
