import type { ModelDescription } from 'nuthatch/ir';
import { writeBigQuery, writeSnowflake } from './functions/index.js';
import { writeJson } from './json/index.js';
import { writeModule } from './module/index.js';
import type { ExportedFile, ExportOptions } from './options.js';
import { writeSql } from './sql/index.js';
import { writeTypes } from './types/index.js';

interface TargetRules {
  /** The options that it has a use for. */
  readonly options: readonly (keyof ExportOptions)[];
  readonly write: (
    model: ModelDescription,
    options: ExportOptions,
  ) => readonly ExportedFile[] | Promise<readonly ExportedFile[]>;
}

export type Target = 'json' | 'dts' | 'js' | 'sql' | 'bigquery' | 'snowflake';

/** One entry for each target. */
export const targets: Readonly<Record<Target, TargetRules>> = {
  json: { options: [], write: (model) => [{ suffix: '.json', content: writeJson(model) }] },
  dts: { options: [], write: (model) => [{ suffix: '.d.ts', content: writeTypes(model) }] },
  js: {
    options: [],
    write: async (model) => {
      const { code, types } = await writeModule(model);
      return [
        { suffix: '.js', content: code },
        { suffix: '.d.ts', content: types },
      ];
    },
  },
  sql: {
    options: ['table', 'keep', 'dialect'],
    write: (model, options) => [{ suffix: '.sql', content: writeSql(model, options) }],
  },
  bigquery: { options: ['name', 'library'], write: writeBigQuery },
  snowflake: { options: ['name'], write: writeSnowflake },
};

export const targetNames = Object.keys(targets) as readonly Target[];
