import { NuthatchError } from '../errors.js';

/** The serving package; `what` needs it. */
export const loadServer = <T>(what: string): Promise<T> => loadPackage('@nuthatch/server', what);

/** A package that is installed apart; `what` needs it. It is no dependency: who only predicts does not download it. */
export async function loadPackage<T>(name: string, what: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new NuthatchError('usage', '', `${what} needs a package of its own: npm install ${name}`);
  }
}
