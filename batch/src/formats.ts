/** Formats of files, and how their names end. */
export const formatEndings = {
  csv: ['csv'],
  json: ['json'],
  ndjson: ['ndjson', 'jsonl'],
  arrow: ['arrow', 'feather'],
  'arrow-stream': ['arrows'],
  parquet: ['parquet', 'parq'],
} as const;
export type InputFormat = keyof typeof formatEndings;
export type OutputFormat = InputFormat;
export const formats = Object.keys(formatEndings) as readonly InputFormat[];

export const compressionEndings = { gzip: 'gz', brotli: 'br', zstd: 'zst' } as const;
export type Compression = keyof typeof compressionEndings;

/** What a file's name says of it. */
export function readName(name: string): {
  readonly format: InputFormat | null;
  readonly compression: Compression | null;
} {
  const parts = name.toLowerCase().split('.');
  const last = parts.at(-1)!;
  const compression =
    (Object.keys(compressionEndings) as Compression[]).find(
      (key) => compressionEndings[key] === last,
    ) ?? null;
  const ending = compression === null ? last : parts.at(-2);
  const found = formats.find((key) => (formatEndings[key] as readonly string[]).includes(ending!));
  return { format: parts.length > 1 && found ? found : null, compression };
}

/** What a file looks like by its first bytes. */
export function guessFormat(start: Buffer): InputFormat {
  const text = start.toString('latin1', 0, 4096);
  if (text.startsWith('ARROW1')) return 'arrow';
  if (text.startsWith('\xff\xff\xff\xff')) return 'arrow-stream';
  if (/^PAR[1E]/.test(text)) return 'parquet';
  if (/^\s*\[\s*[[{\]]/.test(text)) return 'json';
  return /^\s*[[{]/.test(text) ? 'ndjson' : 'csv';
}
