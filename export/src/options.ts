import type { DialectName } from './sql/dialect.js';

/** One file of what a model was written as. */
export interface ExportedFile {
  /** How its name ends, after the name that all files of an export share: `.d.ts`. */
  readonly suffix: string;
  readonly content: string;
}

export interface ExportOptions {
  /** What a function is called: letters, digits and `_`. Default `predict`. */
  readonly name?: string;
  /** Where a function of BigQuery finds its file, `gs://BUCKET/FILE.js`: also where it would fit its definition. */
  readonly library?: string;
  /** The table that a query reads, `rows` by default; parts of its name are split by points. */
  readonly table?: string;
  /** Columns of the table that a query gives beside its answers: SQL has no order of rows. */
  readonly keep?: readonly string[];
  readonly dialect?: DialectName;
}
