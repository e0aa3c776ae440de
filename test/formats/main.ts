import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { importModel, writeNut } from '../../formats/index.js';
import { Progress } from '../../src/cli/print.js';
import { NuthatchError } from '../../src/index.js';
import { createEnvironment, pinnedVersions, projectFolder } from '../conformance/environments.js';
import { writeTable } from './marked-table.js';

/**
 * Trains models in pinned versions of scikit-learn, writes each as an export and as pickle and joblib do, and compares what they convert to:
 * the same bytes of `.nut`, but for where they come from, or the same refusal.
 *
 *     npm run formats -- [1.1 1.9 skops …] [--quick] [--only CLASS,…] [--write docs/formats.md]
 *
 * `skops` is the newest version with skops beside, which writes the models, too. `--quick` takes one model of each class. `--write` puts the table between its marks in a document. Exits with 1 on any difference.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      write: { type: 'string' },
    },
  });
  const classes = values.only.split(',').filter((name) => name !== '');
  const counts: Count[] = [];
  for (const version of positionals.length > 0 ? positionals : pinnedVersions())
    counts.push(await compareVersion(version, values.quick, classes));
  const table = formatTable(counts);
  process.stdout.write(`\n${table}\n`);
  const differences = counts.reduce((sum, { different }) => sum + different, 0);
  const models = counts.reduce((sum, count) => sum + count.models, 0);
  process.stdout.write(`\n${models} models, ${differences} differences\n`);
  if (values.write !== undefined && differences === 0)
    writeTable(values.write, 'npm run formats', table);
  return differences > 0 || models === 0 ? 1 : 0;
}

/** What was compared in one version. */
interface Count {
  versions: Readonly<Record<string, string>>;
  readonly classes: Set<string>;
  models: number;
  /** Models that are refused, by each file as by the export. */
  refused: number;
  /** Files that convert to the same bytes, by how they were written. */
  readonly files: Map<string, number>;
  different: number;
}

type Written = { readonly model: string; readonly estimator: string } & (
  | { readonly export: string; readonly files: Readonly<Record<string, string>> }
  | { readonly error: string }
);

async function compareVersion(
  version: string,
  quick: boolean,
  classes: readonly string[],
): Promise<Count> {
  const folder = join(projectFolder, '.cache', 'formats', version);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const script = join(projectFolder, 'test', 'formats', 'write.py');
  const options = [...(quick ? ['--quick'] : []), folder, ...classes];
  const child = spawn(
    createEnvironment(version === 'skops' ? version : `sklearn-${version}`),
    [script, ...options],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    },
  );
  const ended = new Promise((resolve) => child.on('close', resolve));
  const count: Count = {
    versions: {},
    classes: new Set(),
    models: 0,
    refused: 0,
    files: new Map(),
    different: 0,
  };
  const progress = new Progress();
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as Written | Pick<Count, 'versions'>;
    if ('versions' in said) {
      count.versions = said.versions;
      continue;
    }
    progress.update(() => `scikit-learn ${version}: ${count.models}, ${said.model}`);
    const failures = 'error' in said ? [said.error] : await compareFiles(said, count);
    if (failures.length === 0) continue;
    count.different += failures.length;
    progress.clear();
    process.stdout.write(`${said.model}, scikit-learn ${version}:\n  ${failures.join('\n  ')}\n`);
  }
  progress.clear();
  if ((await ended) !== 0) throw new Error(`write.py failed for scikit-learn ${version}`);
  return count;
}

/** How the files of a model differ from its export; counts those that do not. */
async function compareFiles(
  { estimator, export: exported, files }: Exclude<Written, { error: string }>,
  count: Count,
): Promise<string[]> {
  const expected = await convert(exported);
  const failures: string[] = [];
  for (const [how, path] of Object.entries(files)) {
    const found = await convert(path);
    if (typeof expected === 'string' || typeof found === 'string') {
      if (found !== expected)
        failures.push(`${how}: ${describe(found)}, not ${describe(expected)}`);
    } else if (!found.equals(expected)) failures.push(`${how}: other bytes`);
    else count.files.set(how, (count.files.get(how) ?? 0) + 1);
    rmSync(path);
  }
  rmSync(exported);
  if (typeof expected === 'string') count.refused++;
  else {
    count.models++;
    count.classes.add(estimator);
  }
  return failures;
}

const describe = (outcome: Buffer | string): string =>
  typeof outcome === 'string' ? outcome : `${outcome.length} bytes`;

/** A file as `.nut`, without where it comes from; or why it is refused. */
async function convert(path: string): Promise<Buffer | string> {
  try {
    const model = await importModel(readFileSync(path), { keepCovers: true });
    const provenance = { ...model.provenance, format: '', digest: null, time: null };
    return Buffer.from(writeNut({ ...model, provenance }));
  } catch (error) {
    if (!(error instanceof NuthatchError)) throw error;
    return error.message;
  }
}

const allWays = [
  ...Array.from({ length: 6 }, (_, protocol) => `pickle ${protocol}`),
  ...['joblib', 'zlib', 'gzip', 'skops'],
];

function formatTable(counts: readonly Count[]): string {
  const ways = allWays.filter((how) => counts.some(({ files }) => files.has(how)));
  const head = ['scikit-learn', 'numpy', 'joblib', 'classes', 'models', ...ways, 'refused'];
  const rows = counts.map(({ versions, classes, models, refused, files }) => [
    ...['scikit-learn', 'numpy', 'joblib'].map((name) => versions[name]!),
    ...[classes.size, models, ...ways.map((how) => files.get(how) ?? 0), refused].map(String),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [head, head.map(() => '-'), ...rows].map(line).join('\n');
}

process.exitCode = await main(process.argv.slice(2));
