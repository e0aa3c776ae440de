import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findJoined } from '../src/find-joined.js';
import { loadCommand } from '../src/load-command.js';

/** What the build makes of this package, of the library and of what both use. */
const project = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(project, path), 'utf8');
const { version } = JSON.parse(read('package.json'));
const { dependencies, exports } = JSON.parse(read('batch/package.json'));
const folder = `batch/dist/joined/${version}`;

/** What a built file imports. */
const importsOf = (path: string): string[] =>
  [...read(path).matchAll(/^(?:import|export|\}) .*\bfrom "(.+)";$|\bimport\("(.+)"\)/gm)].map(
    ([, now, later]) => (now ?? later)!,
  );

describe('what the command line and threads run', () => {
  test('is joined with the library of this version', () => {
    for (const name of ['command.js', 'worker.js'])
      expect(fileURLToPath(findJoined(name))).toBe(join(project, folder, name));
    const imports = readdirSync(join(project, folder)).flatMap((name) =>
      importsOf(`${folder}/${name}`),
    );
    expect(imports.length).toBeGreaterThan(20);
    const isModule = (name: string) => name.startsWith('./') || isBuiltin(name);
    expect(imports.filter((name) => !isModule(name))).toEqual([]);
  });

  test('is that of this package alone where it was not', () => {
    expect(fileURLToPath(findJoined('load-command.js'))).toBe(
      join(project, 'batch/dist/load-command.js'),
    );
  });

  test('is what the package has for the command line', async () => {
    expect(exports['./command'].default).toBe('./dist/load-command.js');
    const joined = await import(/* @vite-ignore */ findJoined('command.js').href);
    expect(await loadCommand()).toBe(joined);
  });
});

test('programs share the library that is installed', () => {
  const imports = importsOf(join('batch', exports['.'].default));
  expect(imports).toContain('nuthatch');
});

test('licences of all that is joined lie beside it', () => {
  const licences = read('batch/dist/joined/LICENSES.txt');
  for (const name of Object.keys(dependencies))
    if (name !== 'nuthatch')
      expect(licences).toMatch(new RegExp(`^${name} [0-9.]+ \\((MIT|Apache-2.0)\\)$`, 'm'));
});
