import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { NuthatchError } from 'nuthatch';
import { Access } from './access.js';
import { readTokens, type Scope, type Token } from './tokens.js';

/** How often a file is looked at. By name, not by the file system's events: what mounts secrets swaps links. */
const interval = 500;

/**
 * Who may do what, by a file of tokens, which is read again when it changes. If it is gone or damaged then, no token is known: nobody
 * passes until it is whole again.
 *
 * @throws NuthatchError `io`, `malformed` where it is so at first
 */
export async function openTokenFile(
  path: string,
  open: readonly Scope[],
  onError: (error: unknown) => void,
): Promise<{ readonly access: Access; close(): void }> {
  const access = new Access(await readTokenFile(path), open);
  const again = async () => {
    try {
      access.replace(await readTokenFile(path));
    } catch (error) {
      access.replace([]);
      onError(error);
    }
  };
  watchFile(path, { interval, persistent: false }, again);
  return { access, close: () => unwatchFile(path, again) };
}

async function readTokenFile(path: string): Promise<readonly Token[]> {
  const name = basename(path);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new NuthatchError('io', name, `the tokens cannot be read: ${error.code}`);
  });
  return readTokens(text, name);
}
