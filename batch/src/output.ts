import type { Stats } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NuthatchError } from 'nuthatch';
import { ioError } from 'nuthatch/node';

/** Where bytes of the output go, one after another. */
export interface Output {
  /** Bytes written, those of an earlier run included. */
  readonly position: number;
  /** What tells its file from one of the same name; null: nothing that a later run could continue. */
  readonly file: string | null;
  write(bytes: Uint8Array): Promise<void>;
  /** All that was written is on the disk. */
  sync(): Promise<void>;
  /** All has been written, and is on the disk: a file gets its name now. */
  finish(): Promise<void>;
  /** Nothing more comes. What was written is worth nothing, unless a later run continues it. */
  abandon(keep: boolean): Promise<void>;
}

/** What a file is called until it is whole. No format's name ends so: nobody takes it for rows. */
export const partialOf = (path: string): string => `${path}.partial`;

/** What tells a file from another one that has had its name: inodes are used again. */
export const identify = ({ ino, birthtimeMs }: Stats): string => `${ino} ${birthtimeMs}`;

/** Where a file is: renaming would replace a link to it. */
export const placeOf = (path: string): Promise<string> => realpath(path).catch(() => path);

/**
 * A file that appears when it is whole: until then it has another name beside. It begins with so many bytes of an earlier run; null: empty, in
 * place of whatever an earlier run left. Devices and pipes are written as they are.
 */
export async function openFile(path: string, earlier: number | null): Promise<Output> {
  try {
    const info = await stat(path).catch(() => null);
    if (info?.isDirectory()) throw new NuthatchError('io', path, 'it is a folder');
    if (info && !info.isFile()) return await fileOutput(await open(path, 'w'), path, null, 0);
    const partial = partialOf(path);
    if (earlier === null) {
      // Not emptied: another run that still writes it must not write into this one's.
      await rm(partial, { force: true });
      return await fileOutput(await open(partial, 'wx'), path, partial, 0);
    }
    const file = await open(partial, 'a');
    await file.truncate(earlier);
    return await fileOutput(file, path, partial, earlier);
  } catch (error) {
    throw asIoError(error, path);
  }
}

async function fileOutput(
  file: FileHandle,
  path: string,
  partial: string | null,
  begin: number,
): Promise<Output> {
  const own = identify(await file.stat());
  let position = begin;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      throw asIoError(error, path);
    }
  };
  return {
    get position() {
      return position;
    },
    file: partial === null ? null : own,
    write: (bytes) =>
      attempt(async () => {
        await file.writeFile(bytes);
        position += bytes.length;
      }),
    // Devices and pipes have no disk.
    sync: async () => {
      if (partial !== null) await attempt(() => file.datasync());
    },
    finish: () =>
      attempt(async () => {
        await file.close();
        if (partial === null) return;
        const named = await stat(partial).catch(() => null);
        if (named === null || identify(named) !== own)
          throw new NuthatchError('io', path, 'another run has begun to write it');
        await rename(partial, path);
      }),
    async abandon(keep) {
      await file.close().catch(() => undefined);
      if (partial !== null && !keep) await rm(partial, { force: true });
    },
  };
}

/** Gives a file its name that has all but that, if it has not. */
export async function finishPartial(path: string): Promise<void> {
  try {
    await rename(partialOf(path), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw ioError('write', path, error);
  }
}

const asIoError = (error: unknown, path: string): NuthatchError =>
  error instanceof NuthatchError ? error : ioError('write', path, error);

/** Names in a folder are on the disk, too: a file that has one may still lose it without. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders.
  const folder = await open(dirname(path), 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** Standard output, at its reader's pace. */
export function openStdout(): Output {
  let position = 0;
  return {
    get position() {
      return position;
    },
    file: null,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        position += bytes.length;
        if (bytes.length === 0) resolve();
        else process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    sync: async () => undefined,
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}
