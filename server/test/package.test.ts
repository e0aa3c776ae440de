import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture } from './serving.js';

/** What is published of the server; test/package.test.ts has the library. */
const read = (path: string): string => readFileSync(fixture(path), 'utf8');
const manifest = JSON.parse(read('server/package.json'));
const library = JSON.parse(read('package.json'));

test('is of the version, the licence and the Node of the library', () => {
  for (const field of ['version', 'license', 'type', 'engines'])
    expect(manifest[field]).toEqual(library[field]);
  expect(read('server/LICENSE')).toBe(read('LICENSE'));
  // A package with a scope is private unless it says otherwise.
  expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
});

test('exports files that exist, with their types', () => {
  const { './package.json': _, ...exported } = manifest.exports;
  expect(Object.keys(exported)).toEqual(['.', './command', './fetch', './lambda']);
  for (const target of Object.values<Record<string, string>>(exported)) {
    expect(Object.keys(target)).toEqual(['types', 'default']);
    for (const path of Object.values(target))
      expect(existsSync(fixture(`server/${path}`)), path).toBe(true);
  }
  expect(read(`server/${manifest.bin['nuthatch-container']}`)).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('runs nothing when it is installed, and depends on the library as it is packed', () => {
  const installing = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
  expect(installing.filter((name) => name in manifest.scripts)).toEqual([]);
  expect(manifest.dependencies.nuthatch).toBe('file:..');
  expect(manifest.scripts.prepack).toBe('npm pkg set dependencies.nuthatch=^$npm_package_version');
});
