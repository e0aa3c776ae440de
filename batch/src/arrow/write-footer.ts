import { MetadataVersion, tableFromIPC } from 'apache-arrow';
import { FileBlock, Footer } from 'apache-arrow/ipc/metadata/file';

/** What ends a file: where the batches stand that `schema`, a message, is of. */
export function formatFooter(
  schema: Uint8Array,
  blocks: readonly (readonly [place: number, metadata: number, body: number])[],
): Uint8Array {
  const places = blocks.map(([place, metadata, body]) => new FileBlock(metadata, body, place));
  const footer = Footer.encode(
    new Footer(tableFromIPC(schema).schema, MetadataVersion.V5, places, []),
  );
  const length = Buffer.alloc(4);
  length.writeInt32LE(footer.byteLength);
  return Buffer.concat([footer, length, Buffer.from('ARROW1')]);
}
