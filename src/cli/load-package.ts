import { NuthatchError } from '../errors.js';

/** The serving package, or an entry of it; `what` needs it. */
export const loadServer = <T>(what: string, entry = ''): Promise<T> =>
  loadPackage('@nuthatch/server', what, entry);

/** A package that is installed apart, or an entry of it; `what` needs it. It is no dependency: who only predicts does not download it. */
export async function loadPackage<T>(name: string, what: string, entry = ''): Promise<T> {
  try {
    return (await import(name + entry)) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new NuthatchError('usage', '', `${what} needs a package of its own: npm install ${name}`);
  }
}
