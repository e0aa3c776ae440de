import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { importModel, type ModelDescription, writeNut } from 'nuthatch/import';
import { iris } from './serving.js';

/** A row of the first class. */
export const setosa = [5.1, 3.5, 1.4, 0.2];

let read: Promise<ModelDescription> | null = null;

/** A model of flowers that says another word for the first class. */
export const flowers = async (word: string): Promise<Uint8Array> =>
  writeNut({ ...(await renamed(word)), golden: [] });

/** The same, with the golden rows of a model that says `setosa`. */
export const wrongFlowers = async (): Promise<Uint8Array> => writeNut(await renamed('rose'));

async function renamed(word: string): Promise<ModelDescription> {
  read ??= readFile(iris).then((bytes) => importModel(bytes));
  const copy = structuredClone(await read);
  const { head } = copy.root as unknown as { head: { labels: { values: string[] }[] } };
  head.labels[0]!.values[0] = word;
  return copy;
}

/** Puts a file in the place of another, as `nuthatch convert` does. */
export async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.tmp`, bytes);
  await rename(`${path}.tmp`, path);
}

/** Waits for something, for fifteen seconds at most. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (await holds()) return;
    await sleep(10);
  }
  throw new Error('it has not come about in fifteen seconds');
}
