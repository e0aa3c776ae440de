import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * A module of this package, built, also where tests run this from its source; joined with the library to few files where that was done with the one that
 * is installed.
 */
export function findJoined(name: string): URL {
  const require = createRequire(import.meta.url);
  const { version } = require('nuthatch/package.json');
  const folder = pathToFileURL(require.resolve('@nuthatch/batch/package.json'));
  const joined = new URL(`dist/joined/${version}/${name}`, folder);
  return existsSync(joined) ? joined : new URL(`dist/${name}`, folder);
}
