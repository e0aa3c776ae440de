import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './environments.js';
import { compareWords, readTallies, type Tally, writeTallies } from './tally.js';
import type { TrainingStart } from './trainer.js';

/** What was compared in one version. */
export interface Compared {
  /** Exact versions of its libraries. */
  readonly libraries: TrainingStart['versions'];
  readonly classes: TrainingStart['classes'];
  readonly tallies: readonly Tally[];
}

/** What answers depend on: ours as it was built, the exporter, and what is trained in which environment. */
const code = [
  'dist/src',
  'dist/formats',
  'dist/test/conformance',
  'test/conformance',
  'python/src',
  'python/environments',
  'fixtures/data_sets.py',
];

/** Changes whenever the code does that a comparison depends on. */
export function digestOfCode(): string {
  const hash = createHash('sha256');
  for (const place of code) {
    const path = join(projectFolder, place);
    const files = place.includes('.') ? [''] : readdirSync(path, { recursive: true }).sort();
    for (const file of files) {
      if (/\.(js|py|txt)$/.test(join(path, `${file}`)))
        hash.update(`${place}/${file}\n`).update(readFileSync(join(path, `${file}`)));
    }
  }
  return hash.digest('hex');
}

const pathOf = (version: string): string =>
  join(projectFolder, '.cache', 'conformance', `sklearn-${version}.json`);

/** What was compared in a version, by whatever code; null where nothing was. */
export function readRecord(version: string): Compared | null {
  if (!existsSync(pathOf(version))) return null;
  const record = JSON.parse(readFileSync(pathOf(version), 'utf8')) as Compared;
  return { ...record, tallies: readTallies(record.tallies) };
}

/** Keeps what was compared: all of a version, or of these classes alone, beside what was kept of the others. Stages of theirs are others, too. */
export function writeRecord(
  version: string,
  compared: Compared,
  only: readonly string[],
): Compared {
  const isAsked = ({ estimator }: Tally) => only.length === 0 || only.includes(estimator);
  const kept = readRecord(version)?.tallies.filter((tally) => !isAsked(tally)) ?? [];
  const tallies = [...kept, ...compared.tallies.filter(isAsked)].sort((a, b) =>
    compareWords(a.estimator, b.estimator),
  );
  const record = { ...compared, tallies };
  writeFileSync(pathOf(version), JSON.stringify({ ...record, tallies: writeTallies(tallies) }));
  return record;
}
