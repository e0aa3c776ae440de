import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const manifest = createRequire(import.meta.url).resolve('@nuthatch/server/package.json');

/** Where this package lies, whose modules the build joins to few files: none knows its own place. */
export const packageFolder = new URL('.', pathToFileURL(manifest));
