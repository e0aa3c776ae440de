import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NuthatchError } from 'nuthatch';
import { ioError } from 'nuthatch/node';

/** Where a version of a model lies: a file, or a folder that MLflow wrote. */
export interface Found {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

/**
 * The models at a path, of which there is at least one: a file; a folder of MLflow; or a folder of models, each of them a file, a folder of
 * MLflow, or a folder of versions whose names are whole numbers: `models/churn/3/model.nut`.
 *
 * @param only the name of a model that is alone there; null for that of its file or folder
 * @returns for each name its versions, in their order
 * @throws NuthatchError `io`; `not-a-model` where there is none; `usage` where several are to have one name
 */
export async function discover(path: string, only: string | null): Promise<Models> {
  const found = await findAll(path, only);
  if (found.size > 0) return found;
  throw new NuthatchError('not-a-model', basename(path), `there is no model here: ${whatToGive}`);
}

const whatToGive =
  'give a file, a folder of MLflow, or a folder of models, each a file or NAME/VERSION/FILE';

export type Models = ReadonlyMap<string, readonly Found[]>;

/** The same, where there may be none. */
export async function findAll(path: string, only: string | null): Promise<Models> {
  const found = await findHere(path).catch((error: NodeJS.ErrnoException) => {
    const { message } = ioError('read', error.path ?? path, error);
    throw new NuthatchError(
      'io',
      '',
      error.code === 'ENOENT' ? `${message}; ${whatToGive}` : message,
    );
  });
  const models = new Map<string, Found[]>();
  for (const one of found) models.set(one.name, [...(models.get(one.name) ?? []), one]);
  if (only === null || models.size === 0) return models;
  if (models.size > 1)
    throw new NuthatchError('usage', basename(path), `there are ${models.size} models to name`);
  return new Map([[only, found.map((one) => ({ ...one, name: only }))]]);
}

const findHere = async (path: string): Promise<Found[]> =>
  (await findModel(path, nameOf(path))) ?? (await findModels(path));

/** One model, if it is one; null for a folder of others. */
async function findModel(path: string, name: string): Promise<Found[] | null> {
  if (!(await isFolder(path))) return [{ name, version: '1', path }];
  const entries = await visible(path);
  if (entries.includes('MLmodel')) return [{ name, version: '1', path }];
  const versions = entries.filter((entry) => /^\d{1,9}$/.test(entry));
  if (versions.length === 0) return null;
  const all = await Promise.all(
    versions.map(async (version) => {
      const file = await fileOf(join(path, version));
      return file === null ? [] : [{ name, version: String(Number(version)), path: file }];
    }),
  );
  return all.flat().sort((a, b) => Number(a.version) - Number(b.version));
}

async function findModels(path: string): Promise<Found[]> {
  const entries = await visible(path);
  const all = await Promise.all(
    entries.map(async (entry) => {
      const own = join(path, entry);
      const found = await findModel(own, nameOf(own));
      if (found !== null) return found;
      // Of SageMaker's scripts, which lie beside the model.
      const file = entry === 'code' ? null : await fileOf(own);
      return file === null ? [] : [{ name: entry, version: '1', path: file }];
    }),
  );
  return all.flat();
}

/** The one model in a folder, which may be MLflow's own; null where there are none or several. */
async function fileOf(path: string): Promise<string | null> {
  if (!(await isFolder(path))) return null;
  const entries = await visible(path);
  if (entries.includes('MLmodel')) return path;
  const files: string[] = [];
  for (const entry of entries) {
    if (!(await isFolder(join(path, entry)))) files.push(join(path, entry));
  }
  return files.length === 1 ? files[0]! : null;
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path)).isDirectory();

/** Entries of a folder that may be models. */
const visible = async (path: string): Promise<string[]> =>
  (await readdir(path)).filter(mayBeModel).sort();

/** What people, file systems and other tools lay beside a model. */
const otherNames: ReadonlySet<string> = new Set([
  ...['__pycache__', 'lost+found', 'requirements.txt'],
  ...['README', 'README.txt', 'LICENSE', 'LICENSE.txt'],
]);
const otherTypes = /\.(md|rst|py|pyc|sh|ya?ml|toml|ini|cfg|csv|log)$/i;

/** Whether an entry of a folder, by its name, may be a model or hold some. Hidden files are none, among them those that are being written. */
export const mayBeModel = (entry: string): boolean =>
  !entry.startsWith('.') && !otherNames.has(entry) && !otherTypes.test(entry);

const nameOf = (path: string): string =>
  basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.[a-z]\w{1,9}$/i, '');
