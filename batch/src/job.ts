import type { MethodName } from 'nuthatch';
import type { ArrowLayout } from './arrow/pieces.js';
import type { ArrowPlan } from './arrow/plan.js';
import type { BadRow } from './batch.js';
import type { CsvPlan } from './csv/plan.js';
import type { OutputFormat } from './formats.js';
import type { JsonPlan } from './json/plan.js';
import type { ParquetPlan } from './parquet/plan.js';

/** What becomes of rows that cannot be read or answered: the job stops, they go to a file, or their answers are missing. */
export const errorRules = ['stop', 'reject', 'null'] as const;
export type ErrorRule = (typeof errorRules)[number];

/** What is the same for all pieces of the input. */
export interface Job {
  readonly methods: readonly MethodName[];
  readonly format: OutputFormat;
  /** Whether anything goes beside the answers of one method. */
  readonly beside: boolean;
  readonly onError: ErrorRule;
}

/** A part of the input: whole records of one file. */
export interface Piece {
  readonly plan: CsvPlan | JsonPlan | ArrowPlan | ParquetPlan;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where batches of Arrow stand in it. */
  readonly layout?: ArrowLayout;
}

/** What became of a piece. */
export interface Scored {
  /** Rows of the piece. */
  readonly rows: number;
  readonly lines: number;
  /** Rows of the output. */
  readonly written: number;
  /** In their order; where the job stops, there is no output. */
  readonly bad: readonly BadRow[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Memory of the piece, which is not needed any longer. */
  readonly spent: ArrayBuffer;
}
