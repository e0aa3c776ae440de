import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { load } from '../src/index.js';

/**
 * Run by itself: by how many bytes a process grows that reads a .nut file, its first argument, and makes a model of it; the file's own
 * bytes included. A small model, the second argument, is made before, so that what the code takes is not counted.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const [large, small] = process.argv.slice(2);
if (large === undefined || small === undefined) throw new Error('expected two .nut files');
load(readFileSync(small));
const before = used();
const bytes = readFileSync(large);
const model = load(bytes);
const after = used();
process.stdout.write(
  `${JSON.stringify({ file: bytes.length, memory: after.memory - before.memory, resident: after.resident - before.resident, features: model.nFeatures })}\n`,
);

function used(): { memory: number; resident: number } {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { memory: heapUsed + external, resident: rss };
}
