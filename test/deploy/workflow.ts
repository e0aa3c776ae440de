import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { asPredictor } from '../../src/index.js';
import { loadFile } from '../../src/node.js';
import { installDocker } from './docker.js';
import type { Volumes } from './image.js';

/**
 * Runs the steps of deploy/github/model-check.yml as GitHub does, in a folder as a repository has it. What its actions do has been done; the
 * published packages are this project's, and `docker` is what stands for it here.
 */
interface Step {
  readonly name?: string;
  readonly run?: string;
}

const project = fileURLToPath(new URL('../../..', import.meta.url));
const minutes = 60_000;

/** @returns the step that failed, after which none comes, and what was said; null where none did */
async function runSteps(
  steps: readonly Step[],
  folder: string,
  path: string,
): Promise<{ readonly step: string; readonly said: string } | null> {
  for (const { name = '', run } of steps) {
    if (run === undefined) continue;
    const child = spawn('bash', ['-e', '-c', run], {
      cwd: folder,
      env: { ...process.env, PATH: path, CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 4 * minutes,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    const code = await new Promise((done) => child.on('close', done));
    if (code !== 0) return { step: name, said };
  }
  return null;
}

/**
 * @param packages a folder with the packed packages, and where images find it
 * @param port one that is free
 */
export async function tryWorkflow(
  work: string,
  packages: { readonly nuthatch: string; readonly server: string; readonly volumes: Volumes },
  port: number,
): Promise<string> {
  const text = readFileSync(join(project, 'deploy/github/model-check.yml'), 'utf8')
    .replaceAll('8080', String(port))
    // This machine may be busy with other things; that the budget is kept to is tried with one that nothing keeps.
    .replace('median > 20', 'median > 2000');
  const { jobs } = parse(text) as { jobs: { check: { steps: readonly Step[] } } };
  const [install, ...steps] = jobs.check.steps.filter(({ run }) => run !== undefined);
  const [folder, programs] = [join(work, 'repository'), join(work, 'programs')];
  for (const path of [folder, programs]) mkdirSync(path);
  const path = `${programs}:${process.env.PATH}`;
  writeFileSync(join(programs, 'npm'), npmOf(packages));
  chmodSync(join(programs, 'npm'), 0o755);
  const inImages = (file: string) => `file:/packages/${file.split('/').at(-1)}`;
  const docker = await installDocker(
    programs,
    folder,
    {
      NUTHATCH_VERSION: inImages(packages.nuthatch),
      SERVER_VERSION: inImages(packages.server),
    },
    packages.volumes,
  );
  const expectFailure = async (name: string): Promise<void> => {
    const failed = await runSteps(steps, folder, path);
    if (failed?.step !== name)
      throw new Error(`expected ${name} to fail, not ${failed?.step}: ${failed?.said}`);
  };
  try {
    const good = layRepository(folder);
    for (const all of [[install!, capturing], steps]) {
      const failed = await runSteps(all, folder, path);
      if (failed !== null) throw new Error(`${failed.step}: ${failed.said}`);
    }
    // What Python did not answer; a model that is wrong; another model, whose answers are its own.
    const { rows, predict } = good;
    const write = (answers: object) =>
      writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers));
    write({ rows, predict: [...predict.slice(1), predict[0]] });
    await expectFailure('Convert, and compare with Python');
    write(good);
    const suite = readFileSync(join(folder, 'suite.yaml'), 'utf8');
    for (const [sound, wrong] of [
      ['mostBytes: 100000', 'mostBytes: 1000'],
      ['accuracy: { least: 0.9 }', 'accuracy: { most: 0.9 }'],
      ['p99Ms: 2000', 'p99Ms: 0.000001'],
    ] as const) {
      writeFileSync(join(folder, 'suite.yaml'), suite.replace(sound, wrong));
      await expectFailure('Check what is expected, and the budgets of size and latency');
    }
    writeFileSync(join(folder, 'suite.yaml'), suite);
    const other = join(project, 'fixtures/reference/flowers/model.json');
    cpSync(other, join(folder, 'model.joblib'));
    write({ rows, predict: asPredictor(await loadFile(other)).predict(rows) });
    await expectFailure('Replay captured traffic');
    return `${steps.length + 1} steps pass, and fail of wrong answers, models and budgets`;
  } finally {
    await docker.close();
  }
}

/** A repository with a model of flowers; returns its rows and what Python answered to them. */
function layRepository(folder: string) {
  const demo = join(project, 'fixtures/demo');
  const [header, ...lines] = readFileSync(join(demo, 'rows.csv'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  const { predict } = JSON.parse(readFileSync(join(demo, 'case.json'), 'utf8')).expected as {
    predict: string[];
  };
  cpSync(join(demo, 'model.json'), join(folder, 'model.joblib'));
  cpSync(join(project, 'deploy/docker/Dockerfile'), join(folder, 'Dockerfile'));
  writeFileSync(join(folder, 'answers.json'), JSON.stringify({ rows, predict }));
  const labelled = lines.map((line, i) => `${line},${predict[i]}`);
  writeFileSync(join(folder, 'holdout.csv'), [`${header},species`, ...labelled].join('\n'));
  writeFileSync(
    join(folder, 'suite.yaml'),
    `data: holdout.csv
label: species
golden: true
metrics:
  accuracy: { least: 0.9 }
size: { mostBytes: 100000 }
latency: { p99Ms: 2000 }
`,
  );
  return { rows, predict };
}

/** The traffic of a day, kept by a server. */
const capturing: Step = {
  name: 'capture',
  run: `node --input-type=module -e "
import { readFileSync } from 'node:fs';
import { serve } from '@nuthatch/server';
const served = await serve('model.joblib', { port: 0, capture: { folder: 'captured' } });
const { rows } = JSON.parse(readFileSync('answers.json', 'utf8'));
// Beside them two flowers that models differ on.
for (const features of [...rows, [6, 2.7, 5.1, 1.6], [4.9, 2.5, 4.5, 1.7]])
  await fetch(served.address + '/predict', {
    method: 'POST',
    body: JSON.stringify({ features, probabilities: true }),
  });
await served.close();
"`,
};

/** npm, which takes the packed packages for the published ones. */
const npmOf = ({ nuthatch, server }: { nuthatch: string; server: string }): string => `#!/bin/sh
for argument; do
  shift
  case "$argument" in
    nuthatch@*) argument='${nuthatch}' ;;
    @nuthatch/server@*) argument='${server}' ;;
  esac
  set -- "$@" "$argument"
done
PATH="\${PATH#*:}" exec npm "$@"
`;
