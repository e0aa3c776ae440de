import { openModelFile } from '../node.js';
import type { Arguments } from './command.js';
import { showOpening } from './show-opening.js';

/** Reads the model file that a command was given. */
export const openModel = (
  path: string,
  args: Arguments,
  metadata?: Record<string, string>,
): ReturnType<typeof openModelFile> =>
  showOpening(args, (options) =>
    openModelFile(path, { ...options, ...(metadata && { metadata }) }),
  );
