import { NuthatchError } from '../errors.js';

/** The serving package, which is installed apart; `what` needs it. */
export async function loadServer<T>(what: string): Promise<T> {
  // Not a dependency: who only predicts does not download it.
  const name: string = '@nuthatch/server';
  try {
    return (await import(name)) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new NuthatchError('usage', '', `${what} needs a package of its own: npm install ${name}`);
  }
}
