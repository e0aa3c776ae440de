import type { ResultType } from 'nuthatch/ir';

/** What flows between the parts of a model: an expression for each column, cheap enough to be written twice. */
export interface Cells {
  readonly sql: readonly string[];
  /** What the library would store them as. */
  readonly type: ResultType;
  /** Compressed rows, whose products are added in order. */
  readonly sparse: boolean;
}

/** How a refusal ends: what to do instead. */
export const elsewhere = 'is not in SQL; use --to js, or bigquery or snowflake';
