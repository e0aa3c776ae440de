import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { ioError } from 'nuthatch/node';

/** Where bytes of the output go, one after another. */
export interface Output {
  write(bytes: Uint8Array): Promise<void>;
  /** All has been written: a file gets its name now. */
  finish(): Promise<void>;
  /** Nothing more comes, and what was written is worth nothing. */
  abandon(): Promise<void>;
}

/** A file that appears when it is whole: until then it has another name beside. */
export async function openFile(path: string): Promise<Output> {
  const partial = `${path}.partial`;
  let file: FileHandle;
  try {
    file = await open(partial, 'w');
  } catch (error) {
    throw ioError('write', path, error);
  }
  return {
    async write(bytes) {
      try {
        await file.writeFile(bytes);
      } catch (error) {
        throw ioError('write', path, error);
      }
    },
    async finish() {
      try {
        await file.sync();
        await file.close();
        await rename(partial, path);
      } catch (error) {
        throw ioError('write', path, error);
      }
    },
    async abandon() {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}

/** Standard output, at its reader's pace. */
export function openStdout(): Output {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (bytes.length === 0) resolve();
        else process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}
