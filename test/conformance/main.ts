import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Progress } from '../../src/cli/print.js';
import { compareModel, compareRefusal, type Outcome } from './compare.js';
import { formatCoverage } from './coverage.js';
import { createEnvironment, pinnedVersions, projectFolder } from './environments.js';
import { type Compared, digestOfCode, readRecord, writeRecord } from './record.js';
import {
  addModel,
  addOutcome,
  compareWords,
  formatTallies,
  type Tally,
  tallyOf,
  tooFewIdentical,
} from './tally.js';
import { type Trained, type TrainingStart, trainModels } from './trainer.js';

/**
 * Trains models in pinned versions of scikit-learn and compares every answer with ours, by the rules of src/verify.ts.
 *
 *     npm run conformance -- [1.1 1.9 …] [--quick] [--only CLASS,…] [--coverage FILE]
 *
 * `--only` trains the estimators of some classes alone.
 * `--coverage` writes docs/coverage.md. It takes all versions and seeds, and that nothing differs, so that it never says less than is
 * compared. Such a run is long: what was compared before by the same code, and did not differ, is not compared again. With `--only`,
 * some classes are compared again after a change that is theirs, and of the others is kept what was found before it.
 *
 * Exits with 1 on any difference, where a version's models are not all compared, and where nothing is; 2 on wrong usage.
 * Models that differ are kept in .cache/conformance.
 */
async function main(args: readonly string[]): Promise<number> {
  const known = pinnedVersions();
  const { versions, quick, only, coverage } = readOptions(args);
  const unknown = versions.filter((version) => !known.includes(version));
  if (unknown.length > 0 || known.length === 0) {
    process.stderr.write(
      `unknown: ${unknown.join(', ')}; the versions are ${known.join(', ')}, the options --quick, --only CLASS,… and --coverage FILE\n`,
    );
    return 2;
  }
  if (coverage !== null && (quick || versions.length > 0 || coverage === '')) {
    process.stderr.write('--coverage takes a file, and a run of all versions without --quick\n');
    return 2;
  }
  const compared: Compared[] = [];
  let failed = 0;
  const code = digestOfCode();
  const isDone = ({ tallies }: Compared) =>
    tallies.every((tally) => tally.code === code && tally.failedModels === 0);
  for (const version of versions.length > 0 ? versions : known) {
    try {
      const record = coverage === null ? null : readRecord(version);
      if (record !== null && only.length === 0 && isDone(record)) {
        compared.push(record);
        continue;
      }
      if (coverage !== null && only.length > 0 && record === null)
        throw new Error('not all of it was compared before');
      const found = await compareVersion(version, quick, only, code);
      compared.push(coverage === null ? found : writeRecord(version, found, only));
    } catch (error) {
      failed++;
      process.stdout.write(`scikit-learn ${version}: ${(error as Error).message}\n`);
    }
  }
  const tallies = compared.flatMap((one) => one.tallies);
  for (const { version, estimator } of tooFewIdentical(tallies)) {
    failed++;
    process.stdout.write(
      `${estimator}, scikit-learn ${version}: too few values through exp and log are identical\n`,
    );
  }
  const models = tallies.reduce((sum, tally) => sum + tally.models, 0);
  failed += tallies.reduce((sum, tally) => sum + tally.failedModels, 0);
  if (models === 0) failed = Math.max(failed, 1);
  process.stdout.write(`\n${formatTallies(tallies)}\n\n${legend}\n\n`);
  const passed = tallies.reduce((sum, tally) => sum + tally.models - tally.failedModels, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (coverage !== null && failed === 0) writeFileSync(coverage, formatCoverage(compared));
  return failed > 0 ? 1 : 0;
}

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      coverage: { type: 'string' },
    },
  });
  return {
    coverage: values.coverage ?? null,
    only: values.only.split(',').filter((name) => name !== ''),
    quick: values.quick,
    versions: positionals,
  };
}

const legend = `stages: models that are parts of others, on Python's own input to them. identical: to the bit. worst steps: of a float, where exp or log is involved. worst of bound: dot products, 1 is the bound.
excused: differ within what src/verify.ts allows. ties: labels among them, where margins are equal within their bounds.
The rows of ties are listed above.
exp, log: values through them in float64, identical to the bit. asked: whether a row is refused, decision paths, and rows alone, which get what they get in a batch. failed: models.`;

/** Trains and compares the models of one version. */
async function compareVersion(
  version: string,
  quick: boolean,
  only: readonly string[],
  code: string,
): Promise<Compared> {
  const tallies: Tally[] = [];
  const begun = performance.now();
  const folder = join(projectFolder, '.cache', 'conformance', `sklearn-${version}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const progress = new Progress();
  let total = 0;
  let count = 0;
  let libraries: TrainingStart['versions'] = {};
  let classes: TrainingStart['classes'] = {};
  let exact = version;
  const python = createEnvironment(`sklearn-${version}`);
  const compareShare = async (share: string) => {
    const models = trainModels(python, folder, quick, share, only, (start) => {
      total += start.total;
      libraries = start.versions;
      classes = start.classes;
      exact = libraries['scikit-learn']!;
    });
    for await (const trained of models) {
      if (trained.stage === undefined) count++;
      progress.update(() => `scikit-learn ${version}: ${count} of ${total}, ${nameOf(trained)}`);
      const tally = tallyOf(tallies, exact, trained.estimator, code);
      const { outcome, failures } = await compare(trained);
      addModel(tally, trained);
      if (outcome !== null) addOutcome(tally, outcome);
      if (outcome !== null && outcome.excusedRows.length > 0) {
        progress.clear();
        process.stdout.write(
          `excused: ${nameOf(trained)}, scikit-learn ${exact}: rows ${outcome.excusedRows.join('; ')}\n`,
        );
      }
      if (failures.length > 0) {
        tally.failedModels++;
        progress.clear();
        process.stdout.write(`${describe(trained, exact, failures)}\n`);
      } else if ('file' in trained) {
        rmSync(trained.file);
        rmSync(trained.file.replace(/\.json$/, '.asked.json'), { force: true });
      }
    }
  };
  // Python takes most of the time, with one core.
  const processes = availableParallelism();
  const shares = Array.from({ length: processes }, (_, k) => `${k + 1}/${processes}`);
  try {
    const ended = await Promise.allSettled(shares.map(compareShare));
    for (const share of ended) if (share.status === 'rejected') throw share.reason;
  } finally {
    progress.clear();
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  process.stdout.write(`scikit-learn ${exact}: ${count} models in ${seconds} s\n`);
  tallies.sort((a, b) => compareWords(a.estimator, b.estimator));
  return { libraries, classes, tallies };
}

function nameOf({ model, stage }: Trained): string {
  return stage === undefined ? model : `${model}, stage ${stage}`;
}

/** The outcome of one model; an error of any kind is a failure of that model. */
async function compare(
  trained: Trained,
): Promise<{ outcome: Outcome | null; failures: readonly string[] }> {
  if ('error' in trained) return { outcome: null, failures: [trained.error] };
  try {
    if (trained.refused !== undefined)
      return { outcome: null, failures: await compareRefusal(trained.file, trained.refused) };
    const outcome = await compareModel(trained.file);
    return { outcome, failures: outcome.failures };
  } catch (error) {
    return { outcome: null, failures: [(error as Error).stack ?? String(error)] };
  }
}

const listedFailures = 5;

function describe(trained: Trained, version: string, failures: readonly string[]): string {
  const more =
    failures.length > listedFailures ? [`and ${failures.length - listedFailures} more`] : [];
  const kept = 'file' in trained ? [`kept: ${trained.file.slice(projectFolder.length)}`] : [];
  const lines = [...failures.slice(0, listedFailures), ...more, ...kept];
  return [
    `failed: ${nameOf(trained)}, scikit-learn ${version}`,
    ...lines.map((line) => `  ${line}`),
  ].join('\n');
}

process.exitCode = await main(process.argv.slice(2));
