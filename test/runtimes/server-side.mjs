// Runs in Node, Deno and Bun, in a folder where nuthatch is installed. Prints one line of JSON.
import { readFile } from 'node:fs/promises';
import { load, webWorkers } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { compareInThreads, threadedModels } from './in-threads.mjs';
import { replayGolden } from './replay-golden.mjs';

const version =
  globalThis.Deno?.version.deno ?? globalThis.Bun?.version ?? process.version.slice(1);
const runtime = globalThis.Deno ? 'Deno' : globalThis.Bun ? 'Bun' : 'Node';
const report = await replayGolden(async (file) => new Uint8Array(await readFile(file)), true);
const threads = [];
for (const file of threadedModels) {
  threads.push(await compareInThreads(await loadFile(file)));
  const bytes = new Uint8Array(await readFile(file));
  threads.push(await compareInThreads(load(bytes, { accelerator: webWorkers })));
}
console.log(JSON.stringify({ runtime, version, ...report, threads }));
