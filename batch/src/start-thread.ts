import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { findJoined } from './find-joined.js';

/** Without the library: this is loaded before it. */

export const mostThreads = 64;
export const usualThreads = (): number => Math.min(availableParallelism(), mostThreads);

/** Whether input of so many bytes, if that is known, has work for other threads as soon as they are there. */
export const isLarge = (size: number | null): boolean => size !== null && size > 2 ** 23;

/** A thread that waits for a model and for pieces of the input. */
export const startThread = (): Worker =>
  new Worker(findJoined('worker.js'), {
    // Rows are garbage soon: there is no need to let it grow to more.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
    // Options of this process may be ones that threads do not take.
    execArgv: [],
  });

/** The threads that score such files beside this one, started before anything else is loaded: none where there is little, or what there is is not known yet. */
export function startThreads(inputs: readonly string[], threads: number | null): Worker[] {
  const count = threads ?? usualThreads();
  if (!Number.isInteger(count) || count > mostThreads || !isLarge(sizeOfFiles(inputs))) return [];
  return Array.from({ length: Math.max(0, count - 1) }, () => {
    const thread = startThread();
    thread.unref();
    // Whoever is to use it sees that it has ended.
    thread.on('error', () => undefined);
    return thread;
  });
}

const sizeOfFiles = (paths: readonly string[]): number =>
  paths.reduce((size, path) => size + sizeOfFile(path), 0);

/** 0 where it is no file, or cannot be asked for: whoever reads it says so. */
function sizeOfFile(path: string): number {
  try {
    const info = statSync(path);
    return info.isFile() ? info.size : 0;
  } catch {
    return 0;
  }
}
