/**
 * Joins modules to few files, which are found and read in a third of the time: those of this package, and the two hundred that the command line and
 * a thread load, of this package, of the library and of what both use. The latter lie in a folder of the library's version, since these have to answer as
 * the library does that is installed. Beside them lie the licences of what is in them.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { licencesOf } from '../bundled-licences.mjs';

const { version } = JSON.parse(readFileSync('../package.json', 'utf8'));
rmSync('dist/joined', { recursive: true, force: true });
for (const name of readdirSync('dist')) if (/^main.*\.js$/.test(name)) rmSync(`dist/${name}`);

const join = async (options) => {
  const { metafile } = await build({
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Modules of the older sort ask for those of Node as they go.
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module';\nconst require = $createRequire(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
    ...options,
  });
  return metafile.inputs;
};
const withLibrary = await join({
  entryPoints: ['dist/command.js', 'dist/worker.js'],
  outdir: `dist/joined/${version}`,
});
// Beside the others, from where they find what threads run.
const ofPackage = await join({
  entryPoints: { main: 'dist/index.js' },
  outdir: 'dist',
  chunkNames: 'main-[hash]',
  external: ['nuthatch', 'nuthatch/*'],
});
writeFileSync('dist/joined/LICENSES.txt', licencesOf({ ...withLibrary, ...ofPackage }));
