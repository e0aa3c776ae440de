import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { importModel, writeNut } from '../../dist/formats/index.js';

/** Converts every fixture to a .nut file in the folder of the first argument, named by its place. */
const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const root of ['fixtures/demo', 'fixtures/models', 'fixtures/reference']) {
  for (const file of readdirSync(root, { recursive: true }).sort()) {
    if (!/(^|\/)model\.json$/.test(file)) continue;
    const path = join(root, file);
    const name = `${dirname(path).replaceAll('/', '-')}.nut`;
    writeFileSync(join(folder, name), writeNut(await importModel(readFileSync(path))));
  }
}
