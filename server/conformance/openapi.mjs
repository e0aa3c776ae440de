// What the server says of itself is held against it: its OpenAPI documents must be valid, and schemathesis, which makes requests of them,
// must get nothing but what they announce. Needs `npm run build`, and the environment of python/environments/openapi.txt.
// An argument is the number of cases that an operation is tried with.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '../dist/index.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(project, '.venvs', 'openapi', 'bin');
const config = fileURLToPath(new URL('openapi.toml', import.meta.url));
const examples = process.argv[2] ?? '120';
const fewestCases = process.argv[2] === undefined ? 10_000 : 1;
const minute = 60_000;

/** Models of each server: columns of words and numbers alone; and documents beside a name that is nothing but signs. */
const sets = [
  { 'a table': 'models/sklearn-1.9/pipeline-mixed' },
  { 'a forest': 'demo' },
  {
    texts: 'models/sklearn-1.9/words-and-characters',
    '%2F {a} "b" <i>': 'models/sklearn-1.9/tree-classifier-two-outputs',
  },
];

/** Runs a program; gives all that it prints, and its exit code. */
function run(name, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(join(bin, name), args, { cwd, timeout: 10 * minute });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });
}

async function check(models, folder, seed) {
  const names = Object.keys(models);
  const path = join(folder, `models-${seed}`);
  for (const [name, fixture] of Object.entries(models))
    await cp(
      join(project, 'fixtures', fixture, 'model.json'),
      join(path, `${name.replaceAll('/', '')}.json`),
    );
  const served = await serve(path, { port: 0, limits: { rows: 20 } });
  try {
    const url = `${served.address}/openapi.json`;
    const document = join(folder, `openapi-${seed}.json`);
    await writeFile(document, await (await fetch(url)).text());
    const valid = await run('openapi-spec-validator', ['--schema', '3.1', document], folder);
    if (valid.code !== 0) throw new Error(valid.text);
    const flags = ['--seed', String(seed), '-n', examples, '--continue-on-failure', '--no-shrink'];
    const phases = ['--phases', 'examples,coverage,fuzzing', '--warnings', 'off'];
    const { code, text } = await run(
      'schemathesis',
      ['--config-file', config, 'run', url, ...flags, ...phases],
      folder,
    );
    const cases = Number(/(\d+) generated/.exec(text)?.[1] ?? 0);
    if (code !== 0) console.log(text);
    console.log(
      `${code === 0 ? 'ok    ' : 'FAILED'}  ${names.join(', ')}: ${cases} cases, seed ${seed}`,
    );
    return { cases, failed: code !== 0 };
  } finally {
    await served.close();
  }
}

const folder = await mkdtemp(join(tmpdir(), 'nuthatch-openapi-'));
try {
  const found = await Promise.all(sets.map((models, i) => check(models, folder, i + 1)));
  const cases = found.reduce((sum, one) => sum + one.cases, 0);
  const failed = found.filter((one) => one.failed).length;
  console.log(`${cases} cases: ${found.length - failed} servers passed, ${failed} failed`);
  if (cases < fewestCases) throw new Error(`${cases} cases are fewer than ${fewestCases}`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
