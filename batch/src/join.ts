import { ArrowJoiner } from './arrow/join.js';
import { csvHeader } from './csv/write.js';
import type { OutputFormat } from './formats.js';
import type { Output } from './output.js';

/** Makes one output of what pieces give. */
export interface Joiner {
  add(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
}

/** `empty` is what a piece without rows gives. */
export function joinPieces(
  output: Output,
  format: OutputFormat,
  names: readonly string[],
  empty: () => Uint8Array,
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
      return new ArrowJoiner(output, format === 'arrow', empty);
  }
}

function withHead(output: Output, head: string): Joiner {
  let begun = false;
  const begin = async () => {
    if (!begun) await output.write(Buffer.from(head));
    begun = true;
  };
  return {
    async add(bytes) {
      await begin();
      await output.write(bytes);
    },
    finish: begin,
  };
}

/** Each row comes behind a comma, and the first is behind a bracket instead. */
function arrayOf(output: Output): Joiner {
  let begun = false;
  return {
    async add(bytes) {
      if (bytes.length === 0) return;
      if (!begun) bytes[0] = '['.charCodeAt(0);
      begun = true;
      await output.write(bytes);
    },
    finish: () => output.write(Buffer.from(begun ? ']\n' : '[]\n')),
  };
}
