import type { RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

/** A file begins and ends with it. */
export const magic = Buffer.from('PAR1');

/** A group of rows of an output, and where each of its columns lies in it. */
export interface WrittenGroup {
  readonly rows: number;
  readonly columns: readonly {
    readonly offset: number;
    readonly size: number;
    readonly plainSize: number;
    /** Bytes of the page of its dictionary, with which it begins; 0 where it has none. */
    readonly dictionarySize: number;
  }[];
}

/** What stands behind groups of rows: what columns are, and where groups lie. */
export function formatFooter(
  schema: readonly SchemaElement[],
  groups: readonly WrittenGroup[],
): Uint8Array {
  const writer = new ByteWriter();
  const [, ...elements] = schema;
  const sum = (group: WrittenGroup, of: 'size' | 'plainSize'): bigint =>
    BigInt(group.columns.reduce((total, column) => total + column[of], 0));
  writeMetadata(writer, {
    version: 2,
    created_by: 'nuthatch',
    schema: [...schema],
    num_rows: BigInt(groups.reduce((total, { rows }) => total + rows, 0)),
    row_groups: groups.map(
      (group): RowGroup => ({
        num_rows: BigInt(group.rows),
        total_byte_size: sum(group, 'plainSize'),
        total_compressed_size: sum(group, 'size'),
        columns: group.columns.map(({ offset, size, plainSize, dictionarySize }, i) => ({
          file_offset: 0n,
          meta_data: {
            type: elements[i]!.type!,
            encodings: ['PLAIN', 'RLE', ...(dictionarySize ? (['RLE_DICTIONARY'] as const) : [])],
            path_in_schema: [elements[i]!.name],
            codec: dictionarySize ? 'UNCOMPRESSED' : 'SNAPPY',
            num_values: BigInt(group.rows),
            total_uncompressed_size: BigInt(plainSize),
            total_compressed_size: BigInt(size),
            data_page_offset: BigInt(offset + dictionarySize),
            ...(dictionarySize && { dictionary_page_offset: BigInt(offset) }),
          },
        })),
      }),
    ),
    metadata_length: 0,
  });
  writer.appendBytes(magic);
  return writer.getBytes();
}
