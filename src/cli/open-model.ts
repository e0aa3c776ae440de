import { openModelFile } from '../node.js';
import type { Arguments } from './command.js';
import { formatBar, Progress } from './print.js';

const doing = { inflate: 'inflating', read: 'reading', pack: 'packing trees' } as const;

/** Reads the model file that a command was given, with the options that commands share, and shows how far it is. */
export async function openModel(
  path: string,
  args: Arguments,
  metadata?: Record<string, string>,
): ReturnType<typeof openModelFile> {
  const progress = new Progress();
  try {
    return await openModelFile(path, {
      allowUnprovenVersion: args.flag('allow-unproven-version'),
      keepCovers: args.flag('covers'),
      onProgress: (step, share) => progress.update(() => `${formatBar(share)} ${doing[step]}`),
      ...(metadata && { metadata }),
    });
  } finally {
    progress.clear();
  }
}
