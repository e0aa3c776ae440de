import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../../src/index.js';
import { type Trees, treeCount } from '../../src/ir/index.js';
import { highestColumns } from '../answers.js';
import { LineProcess } from '../child-process.js';
import { projectFolder } from '../fixtures.js';
import type { Absence, Answers, Peer, Subject } from '../subject.js';
import { timedRows, type Workload } from '../workload.js';

// A fused multiplication and addition rounds once where scikit-learn rounds twice.
const flags = ['-O3', '-march=native', '-ffp-contract=off'];
const folder = join(projectFolder, '.cache', 'bench', 'native');

/** Both walks of bench/native/forest.c, on the slots of the .nut file: the faster one is what a kernel could reach. */
export const natives: readonly Peer[] = (['exit', 'steps'] as const).map((algorithm) => ({
  name: `native ${algorithm}`,
  open: (workload) => openNative(workload, algorithm),
}));

export const nativeNames = natives.map(({ name }) => name);

let built: Promise<string> | null = null;

/** Compiles the program for this machine, once; returns the compiler's version. */
function build(): Promise<string> {
  built ??= (async () => {
    mkdirSync(folder, { recursive: true });
    const source = join(projectFolder, 'bench', 'native', 'forest.c');
    execFileSync('gcc', [...flags, '-o', join(folder, 'forest'), source, '-lm'], { stdio: 'pipe' });
    return execFileSync('gcc', ['-dumpfullversion'], { encoding: 'utf8' }).trim();
  })();
  return built;
}

async function openNative(workload: Workload, algorithm: string): Promise<Subject | Absence> {
  const { root } = load(workload.model).description;
  if (root.kind !== 'trees') return { absent: 'the native reference walks trees only' };
  if (root.layout !== 'narrow' || root.categories !== null || root.treeOutputs !== null)
    return { absent: 'the native reference walks narrow trees without categories only' };
  let compiler: string;
  try {
    compiler = await build();
  } catch (error) {
    return { absent: `gcc does not build it: ${(error as Error).message.split('\n')[0]}` };
  }
  const name = `native ${algorithm}`;
  const path = join(folder, `${workload.name}-${algorithm}`);
  writeFileSync(`${path}.forest`, encode(root, workload));
  const process = new LineProcess(join(folder, 'forest'), [`${path}.forest`]);
  return {
    name,
    version: `gcc ${compiler} ${flags.join(' ')}`,
    tolerance: 0,
    async answer(): Promise<Answers> {
      const said = await process.ask(`answer ${algorithm} ${path}.scores`);
      if (said !== 'ok') throw new Error(said);
      const all = new Float64Array(Uint8Array.from(readFileSync(`${path}.scores`)).buffer);
      const scores = all.subarray(0, workload.checkedRows * root.outputs);
      const labels = workload.classes === null ? null : highestColumns(scores, root.outputs);
      return { labels, scores };
    },
    async time(rows, calls, first) {
      const said = await process.ask(`time ${algorithm} ${rows} ${calls} ${first}`);
      return Number(said.split(' ')[0]) / 1000;
    },
    async close() {
      await process.close();
      rmSync(`${path}.forest`, { force: true });
      rmSync(`${path}.scores`, { force: true });
    },
  };
}

/** The file that forest.c reads: its header, then the arrays. */
function encode(trees: Trees, workload: Workload): Uint8Array {
  const count = treeCount(trees);
  const { features, featureBits, nodes, starts, depths, leafColumns, leaves, outputs } = trees;
  const header = new Uint32Array(16);
  header.set([
    ...[0x7473666e, features, featureBits, nodes.length / 2, count, leafColumns],
    ...[leaves === null ? 0 : leaves.length / leafColumns, outputs],
    ...[trees.aggregation === 'mean' ? 1 : 0, timedRows, workload.classes ?? 0],
  ]);
  const parts = [
    header,
    trees.treeWeights ?? new Float64Array(count).fill(1),
    trees.base ?? new Float64Array(outputs).fill(trees.aggregation === 'sum' ? -0 : 0),
    leaves ?? new Float64Array(0),
    nodes,
    starts,
    Uint32Array.from(depths),
    workload.data,
  ];
  return Buffer.concat(
    parts.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength),
    ),
  );
}
