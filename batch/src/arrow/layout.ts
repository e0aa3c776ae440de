import { NuthatchError } from 'nuthatch';
import type { FlatTable } from './flatbuffer.js';
import type { ArrowField, ArrowType } from './schema.js';

/** Where a part of a body begins and ends. */
type Region = readonly [start: number, end: number];

/** A column of a batch, and where its buffers stand. */
export interface ColumnLayout {
  readonly field: ArrowField;
  readonly rows: number;
  /** Bits of what is there; null where all is. */
  readonly valid: Region | null;
  /** Values; of texts offsets or views, and bytes. */
  readonly buffers: readonly Region[];
  /** Bytes of its texts that stand before its buffer. */
  readonly before: number;
}

export interface BatchLayout {
  readonly rows: number;
  readonly codec: 'lz4' | 'zstd' | null;
  /** Null for those that are not wanted. */
  readonly columns: readonly (ColumnLayout | null)[];
}

/**
 * Where the columns of a batch stand in a body of so many bytes.
 *
 * @throws RangeError where they are not inside of it, NuthatchError `unsupported`
 */
export function readLayout(
  batch: FlatTable,
  length: number,
  fields: readonly ArrowField[],
  wanted: (column: number) => boolean,
): BatchLayout {
  const rows = batch.long(0);
  const nodes = batch.longs(1, 2);
  const regions = batch.longs(2, 2);
  const viewBuffers = batch.longs(4);
  let node = 0;
  let buffer = 0;
  let views = 0;

  function take(): Region {
    const start = regions[2 * buffer]!;
    const end = start + regions[2 * buffer + 1]!;
    buffer++;
    if (start >= 0 && end >= start && end <= length) return [start, end];
    throw new RangeError('a buffer outside of the body');
  }
  function skip(field: ArrowField): void {
    node++;
    buffer += field.buffers + (field.views ? viewBuffers[views++]! : 0);
    for (const child of field.children) skip(child);
  }

  const columns = fields.map((field, i): ColumnLayout | null => {
    if (!wanted(i)) {
      skip(field);
      return null;
    }
    const [own, nulls] = [nodes[2 * node], nodes[2 * node + 1]];
    node++;
    if (own !== rows || rows < 0 || !(nulls! <= rows))
      throw new RangeError('columns of different lengths');
    const valid = field.buffers > 0 ? take() : null;
    const count = Math.max(0, field.buffers - 1) + (field.views ? viewBuffers[views++]! : 0);
    if (!(count >= 0 && count <= regions.length)) throw new RangeError('buffers are missing');
    const buffers = Array.from({ length: count }, take);
    return { field, rows, valid: nulls === 0 ? null : valid, buffers, before: 0 };
  });
  return { rows, codec: codecOf(batch.table(3)), columns };
}

function codecOf(compression: FlatTable | null): BatchLayout['codec'] {
  if (compression === null) return null;
  const codec = (['lz4', 'zstd'] as const)[compression.byte(0)];
  if (codec !== undefined && compression.byte(1) === 0) return codec;
  throw new NuthatchError('unsupported', '', 'batches of a codec that is neither LZ4 nor zstd');
}

/** Bits of each value of a column of one size; null of others. */
function bitsOf({ type, dictionary }: ArrowField): number | null {
  const { kind, ...rest }: ArrowType = dictionary?.index ?? type;
  if (kind === 'bool') return 1;
  return 'bits' in rest && kind !== 'text' ? rest.bits : null;
}

/**
 * How many rows of a batch are read at a time, where it can be read in parts: uncompressed, and its texts one after the other. 0: all are.
 *
 * @param bytes what a part should take
 */
export function rowsOfPart(
  { rows, codec, columns }: BatchLayout,
  most: number,
  bytes: number,
): number {
  const own = columns.filter((column) => column !== null);
  const isCut = (field: ArrowField) =>
    bitsOf(field) !== null || (field.type.kind === 'text' && !field.views);
  if (codec !== null || !own.every(({ field }) => field.type.kind === 'null' || isCut(field)))
    return 0;
  // Rows without any bytes end never.
  if (!own.some(({ field }) => field.type.kind !== 'null')) return 0;
  const part = Math.min(most, Math.floor(bytes / (8 * own.length)));
  if (rows <= part) return 0;
  // Alike, so that threads end together; whole bytes of bits.
  const each = Math.ceil(rows / Math.ceil(rows / Math.max(8, part - (part % 8))));
  return Math.ceil(each / 8) * 8;
}

/** A part of the rows of a column; `offsetAt` reads the offsets of texts. */
export async function cutColumn(
  column: ColumnLayout,
  start: number,
  end: number,
  offsetAt: (place: number, bits: number) => Promise<number>,
): Promise<ColumnLayout> {
  const { field, valid, buffers } = column;
  const cut = ([from, to]: Region, bits: number, more = 0): Region => {
    const region: Region = [from + (start * bits) / 8, from + Math.ceil((end * bits) / 8) + more];
    if (region[1] > to) throw new RangeError('a buffer is too short');
    return region;
  };
  const rest = { field, rows: end - start, valid: valid && cut(valid, 1) };
  if (field.type.kind === 'null') return { ...rest, buffers: [], before: 0 };
  const bits = bitsOf(field);
  if (bits !== null) return { ...rest, buffers: [cut(buffers[0]!, bits)], before: 0 };
  const { bits: size } = field.type as { bits: number };
  const offsets = cut(buffers[0]!, size, size / 8);
  const [first, last] = [
    await offsetAt(offsets[0], size),
    await offsetAt(offsets[1] - size / 8, size),
  ];
  const [from, to] = buffers[1]!;
  if (!(first >= 0 && last >= first && last <= to - from))
    throw new RangeError('a text outside of its buffer');
  return { ...rest, buffers: [offsets, [from + first, from + last]], before: first };
}

/** The same column where its buffers stand one after the other from `at` on; tells each, and where it goes. */
export function moveColumn(
  column: ColumnLayout,
  at: number,
  tell: (region: Region, to: number) => void,
): { column: ColumnLayout; end: number } {
  let next = at;
  const move = (region: Region): Region => {
    const to = next;
    tell(region, to);
    // Numbers are read where they stand if that is a multiple of their size.
    next = to + Math.ceil((region[1] - region[0]) / 8) * 8;
    return [to, to + region[1] - region[0]];
  };
  const valid = column.valid && move(column.valid);
  const moved = { ...column, valid, buffers: column.buffers.map(move) };
  return { column: moved, end: next };
}
