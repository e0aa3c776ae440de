import type { ModelDescription } from 'nuthatch/ir';
import { writeBigQuery, writeSnowflake } from './functions/index.js';
import { writeJson } from './json/index.js';
import { writeModule } from './module/index.js';
import type { ExportedFile, ExportOptions } from './options.js';
import { writeSql } from './sql/index.js';
import { writeTypes } from './types/index.js';

type Write = (
  model: ModelDescription,
  options: ExportOptions,
) => readonly ExportedFile[] | Promise<readonly ExportedFile[]>;

export type Target = 'json' | 'dts' | 'js' | 'sql' | 'bigquery' | 'snowflake';

/** One line for each target. */
export const targets: Readonly<Record<Target, Write>> = {
  json: (model) => [{ suffix: '.json', content: writeJson(model) }],
  dts: (model) => [{ suffix: '.d.ts', content: writeTypes(model) }],
  js: async (model) => {
    const { code, types } = await writeModule(model);
    return [
      { suffix: '.js', content: code },
      { suffix: '.d.ts', content: types },
    ];
  },
  sql: (model, options) => [{ suffix: '.sql', content: writeSql(model, options) }],
  bigquery: writeBigQuery,
  snowflake: writeSnowflake,
};

export const targetNames = Object.keys(targets) as readonly Target[];
