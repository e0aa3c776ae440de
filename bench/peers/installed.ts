import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder } from '../fixtures.js';
import type { Absence } from '../subject.js';

const requireFromBench = createRequire(join(projectFolder, 'bench', 'package.json'));

/** A package of bench/package.json with its version, or how to get it. */
export function requirePeer<Package>(
  name: string,
): { readonly library: Package; readonly version: string } | Absence {
  try {
    return { library: requireFromBench(name) as Package, version: versionOf(name) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND')
      return { absent: 'not installed; npm ci --prefix bench installs it' };
    return { absent: `does not start here: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** As a module, since some packages are nothing else; throws where it is not installed. */
export async function importInstalled<Package>(name: string): Promise<Package> {
  let path: string;
  try {
    path = requireFromBench.resolve(name);
  } catch {
    throw new Error(`${name} is not installed; npm ci --prefix bench installs it`);
  }
  return (await import(pathToFileURL(path).href)) as Package;
}

function versionOf(name: string): string {
  const path = join(projectFolder, 'bench', 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
