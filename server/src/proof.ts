import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ModelDescription, NuthatchError } from 'nuthatch';
import { openModelFile, workerThreads } from 'nuthatch/node';
import { passed, verify } from 'nuthatch/verify';

/** A model that was read and holds its golden rows. */
export interface Proof {
  readonly description: ModelDescription;
  /** Of the file's bytes: `sha256:…` */
  readonly digest: string;
  /** Golden values that were replayed. */
  readonly replayed: number;
  /** What the file looked like before it was read. */
  readonly mark: string;
}

/** Of a file that is replaced again and again, the next may get the number of the one before, and look as if it had changed. */
const mostAttempts = 20;

/**
 * Reads a model of any format once, and replays its golden rows. A file that changes while it is read is read again, and given up if it keeps changing.
 *
 * @throws NuthatchError the codes of `readModel`; `io` for a file that keeps changing; `invalid-model` where an answer is not that of the rows
 */
export async function prove(path: string): Promise<Proof> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const mark = await markOf(path);
    const read = await open(path).catch((error: unknown) => error as Error);
    if (isTorn(mark, await markOf(path).catch(() => null))) continue;
    if (read instanceof Error) throw read;
    return { ...read, mark };
  }
  throw new NuthatchError('io', basename(path), 'the file changes while it is read');
}

async function open(path: string): Promise<Omit<Proof, 'mark'>> {
  const options = { accelerator: workerThreads };
  const { bytes, model } = await openModelFile(path, options, workerThreads.reserve);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const comparisons = verify(model, model.golden, options);
  if (!passed(comparisons)) {
    const failed = comparisons.reduce((sum, one) => sum + one.failed, 0);
    throw new NuthatchError(
      'invalid-model',
      basename(path),
      `${failed} golden values do not hold in this runtime`,
    );
  }
  const replayed = comparisons.reduce((sum, { values }) => sum + values, 0);
  return { description: model, digest, replayed };
}

/**
 * Whether a file may have changed while it was read. One that another took the place of was read whole: it is opened once. Of a folder, files
 * may be of before and after.
 */
function isTorn(before: string, after: string | null): boolean {
  if (before === after) return false;
  const [sort, file] = before.split(' ');
  return sort !== 'file' || after === null || after.split(' ')[1] === file;
}

/**
 * What tells a change of a file, or of the files in a folder of MLflow, without reading it: which file it is, its size and its time.
 *
 * @throws NuthatchError `io`
 */
export async function markOf(path: string): Promise<string> {
  try {
    const found = await stat(path, { bigint: true });
    const { dev, ino, size, mtimeNs } = found;
    if (!found.isDirectory()) return `file ${dev}:${ino} ${size}:${mtimeNs}`;
    const entries = (await readdir(path)).filter((entry) => !entry.startsWith('.')).sort();
    const marks = entries.map(async (entry) => {
      const { ino, size, mtimeNs } = await stat(join(path, entry), { bigint: true });
      return `${entry}:${ino}:${size}:${mtimeNs}`;
    });
    return `folder ${(await Promise.all(marks)).join('/')}`;
  } catch (error) {
    throw new NuthatchError('io', basename(path), `cannot look at it: ${codeOf(error)}`);
  }
}

/** Bytes of a file, or of the files in a folder of MLflow; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) return found?.size ?? 0;
  const sizes = (await readdir(path)).map(async (entry) => (await stat(join(path, entry))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';
