import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { NuthatchError } from 'nuthatch';
import { ioError } from 'nuthatch/node';

/** Which file, and which state of it: threads open it again, and must find the same. */
export interface FileState {
  readonly path: string;
  readonly size: number;
  readonly inode: number;
  readonly changed: number;
}

export interface OpenFile extends FileState {
  readonly handle: number;
}

export const stateOf = (
  path: string,
  { size, ino: inode, mtimeMs: changed }: Stats,
): FileState => ({
  path,
  size,
  inode,
  changed,
});

export function openFile(path: string): OpenFile {
  try {
    const handle = openSync(path, 'r');
    return { ...stateOf(path, fstatSync(handle)), handle };
  } catch (error) {
    throw ioError('read', path, error);
  }
}

/** @throws NuthatchError `io` where it is not the file that it was */
export function reopenFile(state: FileState): OpenFile {
  const file = openFile(state.path);
  if (file.size === state.size && file.inode === state.inode && file.changed === state.changed)
    return file;
  closeFile(file);
  throw new NuthatchError('io', state.path, 'it was changed while it was read');
}

export const closeFile = ({ handle }: OpenFile): void => closeSync(handle);

/** Bytes of a file, in memory of their own; callers know that they are there. */
export const readAt = (file: OpenFile, offset: number, length: number): Buffer =>
  readInto(file, offset, new Uint8Array(length));

/** Bytes of a file in memory that is there. */
export function readInto({ handle, path }: OpenFile, offset: number, memory: Uint8Array): Buffer {
  const { length } = memory;
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, length);
  try {
    for (let at = 0; at < length; ) {
      const count = readSync(handle, bytes, at, length - at, offset + at);
      if (count === 0) throw new NuthatchError('truncated', path, 'the file ends too early');
      at += count;
    }
  } catch (error) {
    throw error instanceof NuthatchError ? error : ioError('read', path, error);
  }
  return bytes;
}
