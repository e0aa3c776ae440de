import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { importModel } from 'nuthatch/import';
import type { ModelDescription } from 'nuthatch/ir';

export interface Fixture {
  readonly name: string;
  readonly model: ModelDescription;
}

/** The model of every folder below `fixtures/` that has a `case.json`, one after another; of those whose names hold one of the parts of `only`, which commas part. */
export async function* fixtures(only: string): AsyncGenerator<Fixture> {
  const paths = readdirSync('fixtures', { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => path.endsWith('case.json') && only.split(',').some((part) => path.includes(part)),
    )
    .sort();
  for (const path of paths) {
    const name = dirname(path);
    yield { name, model: await importModel(readFileSync(join('fixtures', name, 'model.json'))) };
  }
}
