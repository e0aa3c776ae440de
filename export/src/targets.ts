import type { ModelDescription } from 'nuthatch/ir';
import { writeJson } from './json/index.js';
import { writeTypes } from './types/index.js';

/** One file of what a model was written as. */
export interface ExportedFile {
  /** How its name ends, after the name that all files of an export share: `.d.ts`. */
  readonly suffix: string;
  readonly content: string;
}

export interface ExportOptions {
  /** What functions and tables are called, where the target has such: a name of letters, digits and `_`. */
  readonly name?: string;
}

type Write = (
  model: ModelDescription,
  options: ExportOptions,
) => readonly ExportedFile[] | Promise<readonly ExportedFile[]>;

export type Target = 'json' | 'dts';

/** One line for each target. */
export const targets: Readonly<Record<Target, Write>> = {
  json: (model) => [{ suffix: '.json', content: writeJson(model) }],
  dts: (model) => [{ suffix: '.d.ts', content: writeTypes(model) }],
};

export const targetNames = Object.keys(targets) as readonly Target[];
