import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judgeClouds, lint } from './lint.js';

/** Images need root, and mounts that nobody else sees. */
function images(): boolean {
  const work = mkdtempSync(join(tmpdir(), 'nuthatch-images-'));
  try {
    const program = fileURLToPath(new URL('images.js', import.meta.url));
    const asRoot = process.getuid!() === 0 ? [] : ['sudo', '-n'];
    // On a file system of its own: layers over this machine's files cannot lie among them.
    const script = 'mount -t tmpfs none "$0" && cd "$0" && exec "$@"';
    const command = [
      ...[...asRoot, 'unshare', '--mount', 'sh', '-c', script, work],
      ...[process.execPath, program],
    ];
    return spawnSync(command[0]!, command.slice(1), { stdio: 'inherit' }).status === 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const linted = lint();
const judged = judgeClouds();
const built = images();
process.exitCode = linted && judged && built ? 0 : 1;
