import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../fixtures/models/', import.meta.url));

/** An export found below fixtures/models. */
export interface Export {
  /** Its folder, relative to fixtures/models. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** All exports below fixtures/models of at most `most` bytes, by name. None where there are no fixtures yet. */
export function findExports(most = Number.POSITIVE_INFINITY): Export[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json') && !path.endsWith('case.json'))
    .sort()
    .map((path) => ({ name: path, bytes: readFileSync(join(folder, path)) }))
    .filter(({ bytes }) => bytes.length <= most && bytes.includes('nuthatch/sklearn-json'));
}
