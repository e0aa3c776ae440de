import { open } from 'node:fs/promises';
import { NuthatchError } from 'nuthatch';
import { FlatTable, readChecked } from './flatbuffer.js';
import { type ArrowField, readFields } from './schema.js';

const mostBytes = 2 ** 24;

/**
 * The columns that the footer of a file says: files that Arrow's JavaScript library writes have no schema before their batches.
 *
 * @throws NuthatchError `malformed`, `unsupported`
 */
export async function readFooter(path: string): Promise<ArrowField[]> {
  if (path === '-')
    throw new NuthatchError(
      'unsupported',
      'message 0',
      'the schema stands in the footer alone; give the file by its name',
    );
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(10);
    if (size >= end.length) await file.read(end, 0, end.length, size - end.length);
    const length = end.readInt32LE(0);
    if (length <= 0 || length > Math.min(size - end.length, mostBytes))
      throw new NuthatchError('malformed', 'footer', `its length is ${length}`);
    const bytes = Buffer.alloc(length);
    await file.read(bytes, 0, length, size - end.length - length);
    return readChecked('footer', () => {
      const root = FlatTable.root(bytes);
      const schema = root.table(1);
      if (schema === null) throw new NuthatchError('malformed', 'footer', 'it has no schema');
      return readFields(schema, root.short(0));
    });
  } finally {
    await file.close();
  }
}
