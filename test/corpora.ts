import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder of files that others made, which are no part of this project and lie beside it; null, and a line that says so, where they are absent. */
export function findCorpus(name: string): string | null {
  const folder = fileURLToPath(new URL(`../../shared/corpora/${name}/`, import.meta.url));
  if (existsSync(folder)) return folder;
  console.log(`skipped: there is no folder ../shared/corpora/${name}`);
  return null;
}
