import { readFileSync } from 'node:fs';
import { importModel } from 'nuthatch/import';
import type { ModelDescription } from 'nuthatch/ir';

/** A model of this repository. */
export const readModel = (path: string): Promise<ModelDescription> =>
  importModel(readFileSync(new URL(`../../${path}`, import.meta.url)));
