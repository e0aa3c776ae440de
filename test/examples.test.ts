import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asClassifier } from '../src/index.js';
import { loadFile } from '../src/node.js';

const project = fileURLToPath(new URL('..', import.meta.url));

/** What is printed without what another release may print otherwise: sizes and digests of files, shares of identical bits. */
function stable(text: string): string {
  return text
    .replaceAll(/sha256:\w+/g, 'sha256')
    .replaceAll(/[\d.]+ (kB|bytes|ulp|of bound)|[\d.]+%| +–/g, '')
    .replaceAll(/ +/g, ' ');
}

/** Each with a file of rows that Python answered. */
const examples = {
  titanic: 'passengers.csv',
  messages: 'messages.ndjson',
  bicycles: 'bicycles.csv',
  rain: 'days.ndjson',
};

/** Runs the commands of the example's README, and compares what they print. Those of Python are run by the exporter's tests. */
describe.each(Object.entries(examples))('examples/%s', (name, rows) => {
  const example = join(project, 'examples', name);
  const folder = join(project, '.cache', name);
  const model = join('.cache', name, 'model.nut');
  beforeAll(() => mkdirSync(folder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  const readme = readFileSync(join(example, 'README.md'), 'utf8');
  const steps = [...readme.matchAll(/^```console\n(.*?)^```$/gms)]
    .flatMap(([, block]) => block!.split(/^\$ /m).slice(1))
    .map((step) => step.split(/\n(.*)/s) as [command: string, printed: string])
    .filter(([command]) => !/^(pip|python) /.test(command));

  test.each(steps)('%s', (command, printed) => {
    const line = command
      .replace('npx nuthatch', `node ${join('dist', 'src', 'cli', 'main.js')}`)
      .replace('model.nut', model)
      .replace('predict.js', `predict.js ${model}`);
    const { stdout, stderr } = spawnSync(line, { cwd: project, shell: true, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stable(stdout)).toBe(stable(printed));
  });

  test('has the commands', () => {
    expect(steps.length).toBeGreaterThan(5);
  });

  test('answers as Python did, for rows of a file', async () => {
    const expected = JSON.parse(readFileSync(join(example, 'expected.json'), 'utf8'));
    const answers = (method: string) => {
      const path = join('examples', name);
      const args = ['predict', join(path, 'model.json'), join(path, rows), '--method', method];
      const main = join('dist', 'src', 'cli', 'main.js');
      const { stdout } = spawnSync(process.execPath, [main, ...args], {
        cwd: project,
        encoding: 'utf8',
      });
      return JSON.parse(stdout);
    };
    expect(answers('predict')).toEqual(expected.predict);
    const found: number[][] = answers('predict_proba');
    expect(found).toHaveLength(expected.predict_proba.length);
    found.flat().forEach((p, i) => {
      expect(p).toBeCloseTo(expected.predict_proba.flat()[i], 14);
    });
    const loaded = asClassifier(await loadFile(join(example, 'model.json')));
    expect(loaded.classes).toEqual(expected.classes);
  });

  test('its program is about the first of them', () => {
    const expected = JSON.parse(readFileSync(join(example, 'expected.json'), 'utf8'));
    const program = steps.find(([command]) => command.startsWith('node '))![1].split('\n');
    expect(program).toContain(expected.predict[0]);
    const printed = program.find((line) => line.startsWith(`[ '${expected.classes[0]}'`))!;
    const values = printed.match(/\b0\.\d+/g)!;
    expect(values).toHaveLength(expected.classes.length);
    values.forEach((p, i) => {
      expect(Number(p)).toBeCloseTo(expected.predict_proba[0][i], 14);
    });
  });
});
