import { writeNut } from '../../formats/nut/index.js';
import { formatBytes, formatCount, formatTable } from '../../src/cli/print.js';
import { load } from '../../src/index.js';
import { loading } from '../comparison.js';
import { type Bench, compareAll } from '../context.js';
import { goalWorkloads } from '../goals.js';
import { makeLargeForest } from '../large-forest.js';
import { listLoadingPeers } from '../peers/list.js';

export const runsIn = ['node', 'python'] as const;
export const trained = goalWorkloads;

const rounds = 15;
const forests = [
  {
    name: 'regressor, every leaf distinct',
    trees: 100,
    splits: 5000,
    features: 30,
    classes: 0,
    seed: 1,
  },
  { name: 'classifier grown full', trees: 100, splits: 5000, features: 54, classes: 7, seed: 2 },
] as const;

/** From a file's bytes to a model: trained forests by every peer that can, and forests of a million nodes by ours. */
export async function run(bench: Bench): Promise<void> {
  const names = bench.only ?? (bench.python ? ['W1', 'W4'] : ['W1', 'W2']);
  const chosen = trained.filter((name) => names.includes(name));
  await compareAll(bench, chosen, listLoadingPeers(bench), loading);
  if (bench.only === null) measureOwn();
}

/** Size of a forest of a million nodes as .nut, and the time from bytes to a model, checksum and validation included. */
function measureOwn(): void {
  const rows = [['forest', 'nodes', 'file', 'bytes/node', 'first ms', 'median ms', 'slowest ms']];
  for (const { name, ...options } of forests) {
    const bytes = writeNut(makeLargeForest(options));
    const nodes = options.trees * (2 * options.splits + 1);
    const times = Array.from({ length: rounds }, () => {
      const start = performance.now();
      const model = load(bytes);
      const time = performance.now() - start;
      if (model.nFeatures !== options.features) throw new Error('the wrong model');
      return time;
    });
    const first = times[0]!;
    times.sort((a, b) => a - b);
    rows.push([
      name,
      formatCount(nodes),
      formatBytes(bytes.length),
      (bytes.length / nodes).toFixed(2),
      first.toFixed(1),
      times[rounds >> 1]!.toFixed(1),
      times[rounds - 1]!.toFixed(1),
    ]);
  }
  process.stdout.write(`loading .nut from memory, ${rounds} rounds\n${formatTable(rows)}\n\n`);
}
