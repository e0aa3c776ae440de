import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEnvironment, projectFolder } from '../conformance/environments.js';
import { writeTable } from './marked-table.js';

/**
 * Saves models in Python by every call that the README promises to read, and converts each by the README's one command, which has to
 * give Python's answers to rows that came along:
 *
 *     npm run saves -- [--write docs/formats.md]
 *
 * Exits with 1 where one does not convert or answers otherwise.
 */
interface Saved {
  readonly call: string;
  readonly version: string;
  readonly model: string;
  readonly answers: string;
}

const { values } = parseArgs({ options: { write: { type: 'string' } } });
const folder = join(projectFolder, '.cache', 'saves');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const script = join(projectFolder, 'test', 'formats', 'saves.py');
const python = spawnSync(createEnvironment('saves'), [script, folder], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
});
if (python.status !== 0) throw new Error(`saves.py ended with ${python.status}`);
const saves = python.stdout
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line): Saved => JSON.parse(line));

const command = join(projectFolder, 'dist', 'src', 'cli', 'main.js');
const rows: string[] = [];
let failed = 0;
for (const { call, version, model, answers } of saves) {
  const out = `${model}.nut`;
  const args = [command, 'convert', model, '--golden', answers, '-o', out];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  process.stdout.write(`\n${call}, ${version}:\n${stdout}${stderr}`);
  const replayed = /([\d,]+) golden values replayed, all hold/.exec(stdout)?.[1];
  const format = /\(([\w-]+), /.exec(stdout)?.[1];
  if (status === 0 && replayed !== undefined)
    rows.push(`| \`${call}\` | ${version} | ${format} | ${replayed} |`);
  else failed++;
}
const head = [
  '| saved by | version | read as | answers of Python replayed |',
  '| - | - | - | -: |',
];
process.stdout.write(
  `\n${[...head, ...rows].join('\n')}\n\n${rows.length} passed, ${failed} failed\n`,
);
if (failed > 0 || rows.length === 0) process.exitCode = 1;
else if (values.write !== undefined)
  writeTable(values.write, 'saves', [...head, ...rows].join('\n'));
