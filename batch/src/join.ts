import { ArrowJoiner, type ArrowNote } from './arrow/join.js';
import { csvHeader } from './csv/write.js';
import type { OutputFormat } from './formats.js';
import type { Output } from './output.js';
import type { WrittenGroup } from './parquet/group.js';
import { ParquetJoiner } from './parquet/join.js';

/** Makes one output of what pieces give. */
export interface Joiner {
  /** What it gives back, which must be JSON, it is told by a later run that continues this one. */
  add(bytes: Uint8Array): Promise<unknown>;
  /** Whether all that was added stands in the output, or in what `add` gave back; else this is no place to continue from. */
  readonly canContinue: boolean;
  finish(): Promise<void>;
}

/** `empty` is what a piece without rows gives, `notes` what pieces gave that stand in the output already. */
export function joinPieces(
  output: Output,
  format: OutputFormat,
  names: readonly string[],
  empty: () => Uint8Array,
  notes: readonly unknown[],
): Joiner {
  switch (format) {
    case 'csv':
      return withHead(output, csvHeader(names));
    case 'ndjson':
      return withHead(output, '');
    case 'json':
      return arrayOf(output);
    case 'arrow':
    case 'arrow-stream':
      return new ArrowJoiner(output, format === 'arrow', empty, notes as ArrowNote[]);
    case 'parquet':
      return new ParquetJoiner(output, empty, notes as WrittenGroup[]);
  }
}

function withHead(output: Output, head: string): Joiner {
  const begin = async () => {
    if (output.position === 0) await output.write(Buffer.from(head));
  };
  return {
    canContinue: true,
    async add(bytes) {
      await begin();
      await output.write(bytes);
    },
    finish: begin,
  };
}

/** Each row comes behind a comma, and the first is behind a bracket instead. */
function arrayOf(output: Output): Joiner {
  return {
    canContinue: true,
    async add(bytes) {
      if (bytes.length === 0) return;
      if (output.position === 0) bytes[0] = '['.charCodeAt(0);
      await output.write(bytes);
    },
    finish: () => output.write(Buffer.from(output.position > 0 ? ']\n' : '[]\n')),
  };
}
