import { basename } from 'node:path';
import type { ModelDescription } from '../ir/index.js';
import { writeWhole } from '../node.js';
import { type Command, choice, exitCodes, usageError } from './command.js';
import { loadPackage } from './load-package.js';
import { openModel } from './open-model.js';
import { formatBytes } from './print.js';

/** What this command needs of the package that writes models, which is installed apart. */
interface Exporter {
  readonly targetNames: readonly string[];
  exportModel(
    model: ModelDescription,
    target: string,
    options: Readonly<Record<string, unknown>>,
  ): Promise<readonly { readonly suffix: string; readonly content: string }[]>;
}

export const exportCommand: Command = {
  name: 'export',
  synopsis: 'MODEL --to TARGET [-o FILE]',
  summary:
    'Writes a model as what runs elsewhere: JavaScript, SQL, functions of warehouses, types, JSON.',
  help: `
  --to TARGET        js         one ES module that needs nothing else, with its types: the same answers to the bit
                     sql        one query, for DuckDB, SQLite, PostgreSQL: linear models, small trees, what stands before them
                     bigquery   a JavaScript function for BigQuery; in a file beside it, for a bucket, where it is large
                     snowflake  a JavaScript function for Snowflake
                     dts        types for TypeScript: the columns with their categories, the classes, the methods
                     json       all of the model, to read and to compare; nothing is lost
  -o, --output FILE  where to write; default: the model's name, with the target's own ending

  --table NAME       sql: the table that is read; default rows
  --keep COLUMN      sql: a column of it to give beside the answers, such as a key; may be repeated
  --dialect D        sql: standard (default), bigquery, snowflake
  --name NAME        bigquery, snowflake: what the function is called; default predict
  --library GS       bigquery: where its file will be, gs://BUCKET/FILE.js

What a target cannot have is refused, with the part that it lacks and what to do; nothing is approximated.

Examples:
  nuthatch export model.nut --to js
  nuthatch export model.joblib --to sql --table passengers --keep id -o score.sql
  nuthatch export forest.nut --to bigquery --library gs://my-bucket/forest.js
  nuthatch export model.nut --to dts -o types/model.d.ts
`,
  options: {
    to: { type: 'string' },
    output: { type: 'string', short: 'o' },
    table: { type: 'string' },
    keep: { type: 'string', multiple: true },
    dialect: { type: 'string' },
    name: { type: 'string' },
    library: { type: 'string' },
  },
  positionals: [1, 1],
  async run(args) {
    const { targetNames, exportModel } = await loadPackage<Exporter>('@nuthatch/export', 'export');
    const target = choice(exportCommand, args, 'to', targetNames);
    if (target === null)
      throw usageError(exportCommand, `--to is missing; it takes ${targetNames.join(', ')}`);
    const source = args.positionals[0]!;
    const { model } = await openModel(source, args);
    const texts = ['table', 'dialect', 'name', 'library'] as const;
    const given = texts.flatMap((name) => {
      const value = args.text(name);
      return value === null ? [] : [[name, value] as const];
    });
    const keep = args.texts('keep');
    const options = { ...Object.fromEntries(given), ...(keep.length > 0 && { keep }) };
    const files = await exportModel(model, target, options);
    const output = args.text('output');
    const stem = basename(source).replace(/(\.[a-z]+)?(\.gz)?$/, '');
    const written: string[] = [];
    for (const { suffix, content } of files) {
      // The file that is named is the first; others stand beside it.
      const path =
        output === null
          ? `${stem}${suffix}`
          : suffix === files[0]!.suffix
            ? output
            : `${output.replace(/\.\w+$/, '')}${suffix}`;
      if (path === source)
        throw usageError(exportCommand, 'the output is the model itself; name another with -o');
      await writeWhole(path, content);
      written.push(`→ ${path}, ${formatBytes(Buffer.byteLength(content))}`);
    }
    process.stdout.write(`${written.join('\n')}\n`);
    return exitCodes.done;
  },
};
