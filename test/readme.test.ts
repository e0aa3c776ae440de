import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/**
 * Runs the code of README.md as it stands, from the project's folder. Python is run by the exporter's own tests, and the
 * commands that install and test by CI: they would run this test.
 */
const project = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(project, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({
  language,
  code: code!,
}));
// Inside the project, so that its own name resolves as an installed package's does.
const folder = join(project, '.cache', 'readme');

/** What a browser would have: `fetch` of a file on the page's own server. */
const browserPrelude = `import { readFile } from 'node:fs/promises';
globalThis.fetch = async (path) => ({ arrayBuffer: async () => new Uint8Array(await readFile('.cache/readme' + path)).buffer });
`;

describe('README.md', () => {
  beforeAll(() => mkdirSync(folder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('its commands work', () => {
    const commands = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => code.split('\n'))
      .filter((line) => line.startsWith('npx nuthatch '));
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      const line = command
        // What npx runs in a clone.
        .replace('npx nuthatch', join('dist', 'src', 'cli', 'main.js'))
        .replaceAll(/(?<![/\w])model\.nut/g, join('.cache', 'readme', 'model.nut'));
      const { status, stdout, stderr } = spawnSync(line, {
        cwd: project,
        shell: true,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(stdout).not.toBe('');
      expect(status).toBe(0);
    }
    expect(existsSync(join(folder, 'model.nut'))).toBe(true);
  });

  const programs = blocks.filter(({ language }) => language === 'js');
  test.each(programs.map(({ code }, i) => [i, code] as const))(
    'its program %i prints what its comments say',
    (i, code) => {
      const path = join(folder, `program-${i}.mjs`);
      writeFileSync(path, code.includes("fetch('/") ? browserPrelude + code : code);
      const { status, stdout, stderr } = spawnSync(process.execPath, [path], {
        cwd: project,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const printed = stdout.trim().split('\n');
      const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(
        ([, comment]) => comment!,
      );
      expected.forEach((comment, line) => {
        if (!comment.includes(' ')) expect(printed[line]).toBe(comment);
      });
    },
  );

  test('its entry points exist', () => {
    const [types] = blocks.filter(({ language }) => language === 'ts');
    const path = join(folder, 'entry-points.mjs');
    const names = [...types!.code.matchAll(/import \{ (.*) \}/g)].flatMap(([, list]) =>
      list!.split(', '),
    );
    writeFileSync(
      path,
      `${types!.code}\nconsole.log([${names.join(', ')}].every((value) => /function|object/.test(typeof value)));\n`,
    );
    expect(spawnSync(process.execPath, [path], { cwd: project, encoding: 'utf8' }).stdout).toBe(
      'true\n',
    );
  });
});
