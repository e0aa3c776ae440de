import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importModel } from '../formats/index.js';
import { type ModelDescription, slotCount } from '../src/ir/index.js';
import { passed, verify } from '../src/verify.js';
import { createRandom } from './random.js';

/** The project's folder, from the source as from the build. */
export const projectFolder = findProject();

function findProject(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return here.includes(`${join('dist', 'bench')}`) ? join(here, '..', '..') : join(here, '..');
}

export interface Fixture {
  /** The folder of the fixture below `fixtures/`. */
  readonly name: string;
  readonly model: ModelDescription;
  readonly nodes: number;
}

/** The tree models among the fixtures of our own export, whose golden rows hold, the largest first; answers are checked before anything is timed. */
export async function readForests(count: number): Promise<Fixture[]> {
  const folder = join(projectFolder, 'fixtures');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^(demo|models)\b.*model\.json$/.test(path))
    .sort();
  const forests: Fixture[] = [];
  for (const path of paths) {
    const model = await importModel(readFileSync(join(folder, path)));
    const { root } = model;
    if (root.kind !== 'trees') continue;
    if (!passed(verify(model)))
      throw new Error(`${path}: golden rows do not hold; timings would mean nothing`);
    forests.push({ name: relative('.', join(path, '..')), model, nodes: slotCount(root) });
  }
  if (forests.length === 0) throw new Error('there are no tree models in fixtures/');
  return forests.sort((a, b) => b.nodes - a.nodes || a.name.localeCompare(b.name)).slice(0, count);
}

/** `rows` rows drawn from the model's golden rows by a seeded generator, so that no two runs differ. */
export function drawRows(model: ModelDescription, rows: number, seed: number): Float64Array {
  const sets = model.golden.filter((set) => set.name !== 'missing');
  const cols = sets[0]!.input.columns;
  const source = sets.flatMap(({ input }) =>
    input.type === 'matrix'
      ? Array.from({ length: input.rows }, (_, row) =>
          input.data.subarray(row * cols, (row + 1) * cols),
        )
      : [],
  );
  const data = new Float64Array(rows * cols);
  const next = createRandom(seed);
  // Each cell from its own row: the paths differ more than those of whole golden rows.
  for (let i = 0; i < data.length; i++)
    data[i] = source[Math.floor(next() * source.length)]![i % cols]!;
  return data;
}
