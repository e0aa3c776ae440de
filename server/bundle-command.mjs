/**
 * Joins the thousand modules that `nuthatch serve` loads, of this package, of the library and of what both use, to few files: half of a start
 * was to find and read them. Beside them lie the licences of what is in them.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { licencesOf } from '../bundled-licences.mjs';

const folder = 'dist/command';
const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
// What is optional, and what finds files of its own beside its modules, is loaded from where it is installed.
const optional = Object.keys(peerDependencies).filter((name) => name !== '@opentelemetry/api');
const installed = [...optional, 'piscina', '@grpc/grpc-js'];
// What makes code of schemas, which no route has: see app.ts.
const unused = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'];

rmSync(folder, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: {
    command: 'dist/command.js',
    // Which the library looks for beside itself.
    'node-worker': '../dist/src/node-worker.js',
  },
  outdir: folder,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: [...installed, ...unused],
  // Modules of the older sort ask for those of Node as they go.
  banner: {
    js: "import { createRequire as $createRequire } from 'node:module';\nconst require = $createRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
});

writeFileSync(`${folder}/LICENSES.txt`, licencesOf(metafile.inputs));
