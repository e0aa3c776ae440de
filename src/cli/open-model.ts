import { importModel } from '../../formats/index.js';
import type { ModelDescription } from '../ir/index.js';
import { readModelBytes } from '../node.js';
import type { Arguments } from './command.js';

export interface OpenedModel {
  readonly bytes: Uint8Array;
  readonly model: ModelDescription;
}

/** Reads the model file that a command was given, with the options that commands share. */
export async function openModel(
  path: string,
  args: Arguments,
  metadata?: Record<string, string>,
): Promise<OpenedModel> {
  const bytes = await readModelBytes(path);
  const model = await importModel(bytes, {
    allowUnprovenVersion: args.flag('allow-unproven-version'),
    keepCovers: args.flag('covers'),
    ...(metadata && { metadata }),
  });
  return { bytes, model };
}
