import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, from the build. */
export const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));

const environments = join(projectFolder, 'python', 'environments');

/** The versions of scikit-learn that have a pinned environment, oldest first. */
export function pinnedVersions(): string[] {
  return readdirSync(environments)
    .map((file) => /^sklearn-(.+)\.txt$/.exec(file)?.[1])
    .filter((version) => version !== undefined)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Makes a pinned environment, such as `sklearn-1.9`, or uses it again, and returns its Python. */
export function createEnvironment(name: string): string {
  const { status, stdout, error } = spawnSync(
    'python3.11',
    [join(environments, 'create.py'), name],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  );
  if (status !== 0) {
    throw new Error(`the environment ${name} cannot be made${error ? `: ${error.message}` : ''}`);
  }
  return stdout.slice(stdout.indexOf(' ') + 1).trim();
}
