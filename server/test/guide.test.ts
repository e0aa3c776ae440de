import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { asPredictor } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { expect, test } from 'vitest';
import { fixture } from './serving.js';

const path = fixture('docs/serving/README.md');
const text = readFileSync(path, 'utf8');

test('the guide leads to files that exist', () => {
  const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => link!);
  expect(links.length).toBeGreaterThan(8);
  expect(links.filter((link) => !existsSync(join(dirname(path), link)))).toEqual([]);
});

test('its commands work on a pickle', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nuthatch-guide-'));
  try {
    const pickle = fixture('fixtures/pickle/sklearn-1.9/forest.zlib.joblib');
    copyFileSync(pickle, join(folder, 'model.joblib'));
    const rows = [
      [1, 0, 0],
      [0, 1, 2],
    ];
    const predict = [...asPredictor(await loadFile(pickle)).predict(rows)];
    writeFileSync(join(folder, 'answers.json'), JSON.stringify({ rows, predict }));
    const commands = [...text.matchAll(/^```sh\n(.+?)^```/gms)].flatMap(([, block]) =>
      block!.trim().split('\n'),
    );
    expect(commands.length).toBe(3);
    const printed = commands.map((command) => {
      const [name, ...args] = command.split(' ');
      expect(name).toBe('nuthatch');
      const program = fixture('dist/src/cli/main.js');
      return execFileSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8' });
    });
    expect(printed[1]).toMatch(/holds/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
