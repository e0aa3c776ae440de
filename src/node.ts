import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ImportModelOptions, importModel, writeNut } from '../formats/index.js';
import type { Mlmodel } from '../formats/mlflow/mlmodel.js';
import { isNut } from '../formats/nut/index.js';
import type { Accelerator } from './compile/accelerator.js';
import { webAssembly } from './compile/webassembly.js';
import { NuthatchError, quote } from './errors.js';
import { defaultLimits, type ModelDescription } from './ir/index.js';
import { placeInSharedMemory, reserveSharedMemory } from './kernels/wasm-memory.js';
import { load } from './load.js';
import { createModel, type Model, type ModelOptions, type Threads } from './model.js';
import { type ForThreads, shareForThreads as share, startParallel } from './parallel/parallel.js';
import type { StartWorker } from './parallel/pool.js';
import { openShared as openStart } from './parallel/serve.js';

/**
 * Makes a model file ready to predict: `.nut`, any format that `importModel` reads, compressed or not, or a folder that MLflow wrote. Large batches may go to `model.parallel`.
 *
 * Golden rows, provenance and statistics of a `.nut` file are neither checked nor kept, as by `load`; its checksum covers them.
 *
 * @throws NuthatchError `io`, and the codes of `importModel`
 */
export async function loadFile(
  path: string,
  options: ImportModelOptions & ModelOptions = {},
): Promise<Model> {
  const { accelerator = workerThreads, limits = {} } = options;
  const { bytes, columnNames } = await readModelFile(path, options, accelerator?.reserve);
  if (isNut(bytes)) return load(bytes, { limits, accelerator });
  const model = await importModel(bytes, { columnNames, ...options, accelerator });
  return createModel(model, { accelerator });
}

export type { ForThreads };

/**
 * A model for worker threads of one's own, which share its memory: each is sent one of the starts, as data of its own start or as a message, and makes
 * the model ready with `openShared`. The function is called when they have ended.
 *
 * @throws NuthatchError `limit-exceeded`
 */
export const shareForThreads = (model: Model, threads: number): ForThreads =>
  share(model.description, threads);

/** The model that a thread was sent. */
export const openShared = (start: ForThreads[0][number]): Model => openStart(start);

const startWorker: StartWorker = (listener) => {
  // Options of this process may be ones that threads do not take.
  const worker = new Worker(new URL('./node-worker.js', import.meta.url), { execArgv: [] });
  worker.on('message', listener.reply);
  let reason: string | null = null;
  worker.on('error', (error) => {
    reason = error.message;
  });
  worker.on('messageerror', (error) => {
    reason = error.message;
    void worker.terminate();
  });
  worker.on('exit', (code) => listener.ended(reason ?? `its exit code is ${code}`));
  return {
    post: (message) => worker.postMessage(message),
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
    end: async () => {
      await worker.terminate();
    },
  };
};

/**
 * Walks trees in WebAssembly, and brings `model.parallel` with worker threads of Node: what `loadFile` does, and an option of `load` and
 * `createModel`. The bytes of a model are copied at once to memory that threads can share; `loadFile` reads them there.
 */
export const workerThreads: Accelerator & Threads = {
  ...webAssembly,
  place: placeInSharedMemory,
  reserve: reserveSharedMemory,
  parallel: (model, options = {}) =>
    startParallel(model, options, { startWorker, cores: availableParallelism() }),
};

/** Reads a model file, or a folder that MLflow wrote, as plain data. */
export const readModel = async (
  path: string,
  options: ImportModelOptions = {},
): Promise<ModelDescription> => (await openModelFile(path, options)).model;

/** The same, and the bytes of its file. */
export async function openModelFile(
  path: string,
  options: ImportModelOptions = {},
  reserve?: Accelerator['reserve'],
): Promise<{ bytes: Uint8Array; model: ModelDescription }> {
  const { bytes, columnNames } = await readModelFile(path, options, reserve);
  return { bytes, model: await importModel(bytes, { columnNames, ...options }) };
}

/** The bytes of a model's file, or of the one in a folder that MLflow wrote, and what is said there of its columns. */
async function readModelFile(
  path: string,
  options: ImportModelOptions,
  reserve?: Accelerator['reserve'],
): Promise<{ bytes: Uint8Array } & Pick<Mlmodel, 'columnNames'>> {
  const { file, columnNames = null } = await findFile(path);
  return { bytes: await readModelBytes(file, options, reserve), columnNames };
}

/** The model's file in a folder of MLflow, and what is said of its columns; any other path is the file itself. */
async function findFile(path: string): Promise<{ file: string } & Partial<Mlmodel>> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return { file: path };
  const text = await readFile(join(path, 'MLmodel'), 'utf8').catch((error) => {
    const { code } = error as NodeJS.ErrnoException;
    const message = `cannot read ${quote(path)}: it is a folder without the MLmodel of MLflow`;
    throw code === 'ENOENT' ? new NuthatchError('io', '', message) : ioError('read', path, error);
  });
  const { readMlmodel } = await import('../formats/mlflow/mlmodel.js');
  const { file, columnNames } = readMlmodel(text);
  return { file: join(path, file), columnNames };
}

/** The bytes of a file, within the limits. `reserve` may have memory for those of a `.nut` file. */
async function readModelBytes(
  path: string,
  options: ImportModelOptions = {},
  reserve: Accelerator['reserve'] = () => null,
): Promise<Uint8Array> {
  const limit = options.limits?.fileBytes ?? defaultLimits.fileBytes;
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > limit) {
        throw new NuthatchError(
          'limit-exceeded',
          '',
          `the file has ${size} bytes; the limit is ${limit}`,
        );
      }
      const start = await fill(file, new Uint8Array(Math.min(size, 16)));
      const memory = isNut(start) ? reserve(size) : null;
      return memory === null ? await file.readFile() : await fill(file, memory);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof NuthatchError) throw error;
    throw ioError('read', path, error);
  }
}

/** Writes a model as `.nut`: whole or not at all, whatever happens meanwhile. */
export async function saveFile(model: ModelDescription, path: string): Promise<Uint8Array> {
  const bytes = writeNut(model);
  await writeWhole(path, bytes);
  return bytes;
}

/** Writes a file through a temporary neighbour, flushed and renamed, so that no reader ever sees a part of it. */
export async function writeWhole(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw ioError('write', path, error);
  }
}

/**
 * Fills memory from the start of a file; returns what the file had. Parts are read at the same time, since most of it is the first touch of
 * new memory.
 */
async function fill(file: FileHandle, memory: Uint8Array): Promise<Uint8Array> {
  const starts = Array.from(
    { length: Math.ceil(memory.length / partBytes) },
    (_, i) => i * partBytes,
  );
  const ends = await Promise.all(
    starts.map(async (start) => {
      const end = Math.min(start + partBytes, memory.length);
      let at = start;
      while (at < end) {
        const { bytesRead } = await file.read(memory, at, end - at, at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return at;
    }),
  );
  // Where it was cut short meanwhile, what is behind the first gap does not count.
  const short = ends.find((end, i) => end < Math.min(starts[i]! + partBytes, memory.length));
  return short === undefined ? memory : memory.subarray(0, short);
}

const partBytes = 2 ** 22;

/** A failed file operation as the library's own error. */
export function ioError(verb: 'read' | 'write', path: string, error: unknown): NuthatchError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: verb === 'read' ? 'there is no such file' : 'there is no such folder',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    ENOSPC: 'the disk is full',
  };
  return new NuthatchError(
    'io',
    '',
    `cannot ${verb} ${quote(path)}: ${reasons[code ?? ''] ?? message}`,
  );
}
