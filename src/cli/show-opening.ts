import type { ImportModelOptions } from '../../formats/index.js';
import type { Arguments } from './command.js';
import { formatBar, Progress } from './print.js';

const doing = { inflate: 'inflating', read: 'reading', pack: 'packing trees' } as const;

/** Opens a model file with the options that commands share, and shows how far it is. */
export async function showOpening<T>(
  args: Arguments,
  open: (options: ImportModelOptions) => Promise<T>,
): Promise<T> {
  const progress = new Progress();
  try {
    return await open({
      allowUnprovenVersion: args.flag('allow-unproven-version'),
      keepCovers: args.flag('covers'),
      onProgress: (step, share) => progress.update(() => `${formatBar(share)} ${doing[step]}`),
    });
  } finally {
    progress.clear();
  }
}
