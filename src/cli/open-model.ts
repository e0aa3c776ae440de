import { openModelFile } from '../node.js';
import type { Arguments } from './command.js';

/** Reads the model file that a command was given, with the options that commands share. */
export const openModel = (
  path: string,
  args: Arguments,
  metadata?: Record<string, string>,
): ReturnType<typeof openModelFile> =>
  openModelFile(path, {
    allowUnprovenVersion: args.flag('allow-unproven-version'),
    keepCovers: args.flag('covers'),
    ...(metadata && { metadata }),
  });
