// Runs in Node, Deno and Bun, in a folder where nuthatch is installed. Prints one line of JSON.
import { readFile } from 'node:fs/promises';
import { replayGolden } from './replay-golden.mjs';

const version =
  globalThis.Deno?.version.deno ?? globalThis.Bun?.version ?? process.version.slice(1);
const runtime = globalThis.Deno ? 'Deno' : globalThis.Bun ? 'Bun' : 'Node';
const report = await replayGolden(async (file) => new Uint8Array(await readFile(file)), true);
console.log(JSON.stringify({ runtime, version, ...report }));
