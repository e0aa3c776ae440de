import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModel } from '../../formats/index.js';
import { NuthatchError } from '../../src/index.js';
import { writeTable } from '../formats/marked-table.js';
import { type Answers, type Comparison, compareAnswers, readAnswers } from './answers.js';

/**
 * Compares all cases of a folder that `fixtures/onnx/make.py --out` wrote with onnxruntime's answers:
 *
 *     node dist/test/onnx/differential.js FOLDER [--write docs/formats.md]
 *
 * Prints what was compared of each model, whose seeds are one, and of each of their sources. Exit code 1 where something differs by more than the rules of
 * `answers.ts` allow. `--write` puts the table of sources into the document.
 */
const args = process.argv.slice(2);
const at = args.indexOf('--write');
const write = at === -1 ? undefined : args.splice(at, 2)[1];
const [folder] = args;
if (folder === undefined) throw new Error('differential.js FOLDER [--write DOCUMENT]');

/** What was compared of models of one name, or from one source. */
interface Tally {
  readonly classes: Set<string>;
  readonly models: Set<string>;
  readonly all: Comparison[];
}

const tallies = new Map<string, Tally>();
/** Operators that are not supported, of classes whose files are refused. */
const refused = new Map<string, Set<string>>();
const failures: string[] = [];
let beyond = 0;
let versions: Answers['versions'] = {};

const names = readdirSync(folder).sort();
for (const name of names) {
  const answers = readAnswers(join(folder, name));
  versions = answers.versions;
  const [source, className] = answers.source.split(': ') as [string, string?];
  const file = readFileSync(join(folder, name, 'model.onnx'));
  if (answers.rule === 'refused') {
    const operators = await gapsOf(file);
    if (operators === null) failures.push(`${name}: it is not refused`);
    else refused.set(className ?? source, operators);
    continue;
  }
  try {
    const comparisons = compareAnswers(await importModel(file), answers);
    for (const key of [name.replace(/(-\d+)+$/, ''), `: ${source}`]) {
      const tally = tallies.get(key) ?? { classes: new Set(), models: new Set(), all: [] };
      tallies.set(key, tally);
      if (className) tally.classes.add(className);
      tally.models.add(name);
      tally.all.push(...comparisons);
    }
    for (const { method, failed } of comparisons)
      if (failed > 0) failures.push(`${name}, ${method}: ${failed} values differ`);
  } catch (error) {
    const isGap = error instanceof NuthatchError && error.code === 'unsupported';
    // Of graphs drawn at random some are beyond what is read.
    if (isGap && name.startsWith('random')) beyond++;
    else failures.push(`${name}: ${(error as Error).message}`);
  }
}
if (beyond > 0) console.log(`${beyond} random graphs are refused`);

/** The operators that a file is refused for; null where it is not. */
async function gapsOf(file: Uint8Array): Promise<Set<string> | null> {
  try {
    await importModel(file);
    return null;
  } catch (error) {
    if (!(error instanceof NuthatchError) || error.code !== 'unsupported') throw error;
    const operators = error.problems.map(({ path }) => /\((\w+)\)/.exec(path)?.[1] ?? path);
    return new Set(operators);
  }
}

function row([key, { models, classes, all }]: [string, Tally]): string {
  const share = (some: readonly Comparison[]): string => {
    const sum = (of: (one: Comparison) => number) =>
      some.reduce((total, one) => total + of(one), 0);
    const values = sum((one) => one.values);
    if (values === 0) return '';
    const ties = sum((one) => one.ties);
    const identical = ((100 * sum((one) => one.identical)) / values).toFixed(2);
    return `${identical} % of ${values}${ties > 0 ? ` (${ties} ties)` : ''}`;
  };
  const numbers = all.filter(({ isLabel }) => !isLabel);
  const worst = numbers.length > 0 ? Math.max(...numbers.map((one) => one.worst)).toFixed(2) : '';
  const of = [...classes].sort().join(', ');
  const cells = [
    key.replace(/^: /, ''),
    of,
    models.size,
    share(all.filter(({ isLabel }) => isLabel)),
  ];
  return `| ${[...cells, share(numbers), worst].join(' | ')} |`;
}

const header =
  '| | of | files | labels identical | numbers identical | worst |\n| - | - | -: | -: | -: | -: |';
const rows = [...tallies].sort(([a], [b]) => (a < b ? -1 : 1));
const ofSources = rows.filter(([key]) => key.startsWith(': '));
console.log([header, ...rows.filter(([key]) => !key.startsWith(': ')).map(row)].join('\n'));
const gaps = [...refused]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, operators]) => `| ${name} | ${[...operators].join(', ')} |`);
const table = [
  Object.entries(versions)
    .map(([library, version]) => `${library} ${version}`)
    .join(', '),
  '',
  header,
  ...ofSources.map(row),
  '',
  '| refused | for |\n| - | - |',
  ...gaps,
].join('\n');
console.log(`\n${table}`);
for (const failure of failures) console.error(failure);
if (failures.length > 0) process.exitCode = 1;
else if (write !== undefined) writeTable(write, 'onnx', table);
