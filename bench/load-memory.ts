import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { load, type Model } from '../src/index.js';
import { loadFile } from '../src/node.js';

/**
 * Run by itself: by how many bytes a process grows that makes a model of a .nut file, its second argument; the file's own bytes included.
 * The first says how: `portable` or `best`. A small model, the third, is made before, so that what the code takes is not counted.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const [kernel, large, small] = process.argv.slice(2);
if (kernel === undefined || large === undefined || small === undefined)
  throw new Error('expected a kernel and two .nut files');
const warm = await make(small);
const before = residentBytes();
const model = await make(large);
const grown = residentBytes() - before;
if (warm.nFeatures === 0 || model.nFeatures === 0) throw new Error('the wrong model');
process.stdout.write(`${grown}\n`);

async function make(path: string): Promise<Model> {
  return kernel === 'best' ? loadFile(path) : load(readFileSync(path));
}

/** Resident, since WebAssembly's memory is in no count of the engine's. */
function residentBytes(): number {
  for (let i = 0; i < 3; i++) collect();
  return process.memoryUsage().rss;
}
