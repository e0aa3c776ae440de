import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { asPredictor } from '../src/index.js';
import type { GoldenMatrix } from '../src/ir/index.js';
import { version } from '../src/version.js';

/** What is published, and how large it gets in a browser. Needs `npm run build` first, as `npm test` does. */
const project = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(project, path), 'utf8');

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly license: string;
  readonly sideEffects: readonly string[];
  readonly engines: Record<string, string>;
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
  readonly bin: Record<string, string>;
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
}
const manifest = JSON.parse(read('package.json')) as PackageJson;

describe('package.json', () => {
  test('is an ES module for Node 20 or newer, under the MIT licence', () => {
    expect(manifest.name).toBe('nuthatch');
    expect(manifest.type).toBe('module');
    expect(manifest.engines).toEqual({ node: '>=20' });
    expect(manifest.license).toBe('MIT');
    expect(read('LICENSE')).toMatch(/^MIT License/);
    // What a worker runs, should somebody import it into a file of theirs.
    expect(manifest.sideEffects).toEqual(['./dist/src/parallel/web-worker.js']);
  });

  test('has three dependencies, and no script that runs on installation', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['msgpackr', 'saxes', 'yaml']);
    for (const field of ['peerDependencies', 'optionalDependencies', 'bundleDependencies'])
      expect(manifest).not.toHaveProperty(field);
    const installing = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(installing.filter((name) => name in manifest.scripts)).toEqual([]);
  });

  test('exports files that exist, with their types', () => {
    expect(Object.keys(manifest.exports)).toEqual(
      expect.arrayContaining(['.', './node', './import', './kinds', './package.json']),
    );
    for (const [name, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string') {
        expect(existsSync(join(project, target)), `${name}: ${target}`).toBe(true);
        continue;
      }
      // TypeScript takes the first condition that fits, so types come first.
      expect(Object.keys(target)).toEqual(['types', 'default']);
      expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
      expect(existsSync(join(project, target.types)), `${name}: ${target.types}`).toBe(true);
      expect(existsSync(join(project, target.default)), `${name}: ${target.default}`).toBe(true);
    }
  });

  test('names a command that Node can start', () => {
    expect(Object.keys(manifest.bin)).toEqual(['nuthatch']);
    expect(read(manifest.bin.nuthatch!)).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('the version', () => {
  test('is the same in package.json, the source, the lock file and the changelog', () => {
    expect(version).toBe(manifest.version);
    const lock = JSON.parse(read('package-lock.json'));
    expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
    const headings = read('CHANGELOG.md').match(/^## \S+/gm) ?? [];
    expect(headings).toContain(`## ${version}`);
  });
});

test('the lock files name no registry', () => {
  for (const path of ['package-lock.json', 'bench/package-lock.json'])
    expect(read(path)).not.toMatch(/"resolved": "\w+:/);
});

describe('the tarball', () => {
  const formatDocuments = [
    'formats/nut/SPEC.md',
    'formats/sklearn-json/SPEC.md',
    'formats/sklearn-json-package/NOTES.md',
    'formats/lightgbm/NOTES.md',
    'formats/xgboost/NOTES.md',
    'formats/catboost/NOTES.md',
    'formats/pickle/NOTES.md',
    'formats/skops/NOTES.md',
    'formats/mlflow/NOTES.md',
    'formats/onnx/NOTES.md',
    'formats/pmml/NOTES.md',
  ];
  let paths: readonly string[];
  let size: number;
  beforeAll(() => {
    const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [packed] = JSON.parse(printed) as { size: number; files: { path: string }[] }[];
    size = packed!.size;
    paths = packed!.files.map(({ path }) => path);
  });

  test('holds what people need', () => {
    expect(paths).toEqual(
      expect.arrayContaining([
        ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'],
        ...formatDocuments,
        ...Object.values(manifest.exports).flatMap((target) =>
          (typeof target === 'string' ? [target] : Object.values(target)).map((path) =>
            path.replace(/^\.\//, ''),
          ),
        ),
        manifest.bin.nuthatch,
      ]),
    );
  });

  test('holds nothing else', () => {
    const documents = new Set([
      ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'],
      ...formatDocuments,
    ]);
    const stray = paths.filter(
      (path) => !documents.has(path) && !/^dist\/(src|formats)\/.+(\.js|\.d\.ts)$/.test(path),
    );
    expect(stray).toEqual([]);
  });

  test('holds no output of sources that are gone: if it does, delete dist and build again', () => {
    const built = paths.filter((path) => path.endsWith('.js'));
    const gone = built.filter(
      (path) => !existsSync(join(project, path.replace(/^dist\//, '').replace(/\.js$/, '.ts'))),
    );
    expect(gone).toEqual([]);
  });

  test('is small', () => {
    console.log(`tarball: ${size} bytes, ${paths.length} files`);
    expect(size).toBeLessThanOrEqual(696_000);
  });
});

/** How an application bundles a program for browsers. */
const options = (program: string) =>
  ({
    stdin: { contents: program, resolveDir: project },
    absWorkingDir: project,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  }) as const;

/** Bundles a program into one file, from the package by its name; `inputs` are the files that gave bytes to it. */
async function bundle(program: string) {
  const result = await build(options(program));
  const inputs = Object.entries(Object.values(result.metafile.outputs)[0]!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
  const code = result.outputFiles[0]!.contents;
  return { code, inputs, gzipped: gzipSync(code, { level: 9 }).length };
}

describe('bundled for browsers', () => {
  test('load is small', async () => {
    const { code, gzipped } = await bundle("export { load } from 'nuthatch';");
    console.log(`load, bundled: ${code.length} bytes, ${gzipped} gzipped`);
    expect(code.length).toBeLessThanOrEqual(119_800);
    expect(gzipped).toBeLessThanOrEqual(50_800);
  });

  /** Kinds, and the most that a loader of them may take. */
  const loaders: readonly (readonly [string, readonly string[], number])[] = [
    ['linear models', ['linear'], 38_600],
    ['trees', ['trees'], 49_750],
    [
      'the ten kinds of columns, trees and linear models',
      [
        ...['elementwise', 'encode', 'impute', 'linear', 'pipeline', 'polynomial', 'rowNorm'],
        ...['select', 'trees', 'union'],
      ],
      64_000,
    ],
  ];
  test.each(loaders)('a loader of %s is smaller', async (what, kinds, most) => {
    const { code, gzipped, inputs } = await bundle(
      `import { loadWith } from 'nuthatch';
      import { ${kinds.join(', ')} } from 'nuthatch/kinds';
      export const load = loadWith([${kinds.join(', ')}]);`,
    );
    console.log(`loadWith of ${what}, bundled: ${code.length} bytes, ${gzipped} gzipped`);
    expect(code.length).toBeLessThanOrEqual(most);
    // The rules of a kind are a file of its name.
    const carried = (name: string) =>
      inputs.includes(`dist/src/ir/${name.replace(/[A-Z]/, (c) => `-${c.toLowerCase()}`)}.js`);
    expect(['linear', 'trees', 'encode', 'rowNorm'].filter(carried)).toEqual(
      ['linear', 'trees', 'encode', 'rowNorm'].filter((name) => kinds.includes(name)),
    );
  });

  test('load carries no importer, no writer and no package', async () => {
    const { inputs } = await bundle("export { load } from 'nuthatch';");
    expect(inputs).toContain('dist/formats/nut/read.js');
    const stray = inputs.filter(
      (path) =>
        path.startsWith('dist/formats/sklearn') ||
        path.startsWith('dist/formats/nut/write') ||
        path.includes('node_modules') ||
        path.startsWith('dist/src/cli/') ||
        path === 'dist/src/node.js',
    );
    expect(stray).toEqual([]);
  });

  test('web workers are an option, whose threads carry no reader', async () => {
    const { inputs } = await bundle("export { load } from 'nuthatch';");
    expect(inputs.filter((path) => path.startsWith('dist/src/parallel/'))).toEqual([]);
    const option = await bundle("export { load, webWorkers } from 'nuthatch';");
    const worker = await bundle("import 'nuthatch/web-worker';");
    console.log(`load with webWorkers, bundled: ${option.code.length} bytes`);
    expect(option.code.length).toBeLessThanOrEqual(164_700);
    expect(worker.inputs).toContain('dist/src/parallel/serve.js');
    expect(worker.inputs.filter((path) => path.startsWith('dist/formats/'))).toEqual([]);
  });

  test('importModel carries no package but what reads XML, writeNut only the browser build of msgpackr', async () => {
    const packages = ({ inputs }: { inputs: string[] }) =>
      inputs.filter((path) => path.includes('node_modules'));
    const reading = await bundle("export { importModel } from 'nuthatch/import';");
    const writing = await bundle("export { importModel, writeNut } from 'nuthatch/import';");
    console.log(`importModel, bundled: ${reading.code.length} bytes, ${reading.gzipped} gzipped`);
    console.log(`and writeNut: ${writing.code.length} bytes, ${writing.gzipped} gzipped`);
    const xml = ['node_modules/saxes/saxes.js'];
    const isXml = (path: string) => /node_modules\/(saxes|xmlchars)\//.test(path);
    expect(packages(reading)).toEqual(expect.arrayContaining(xml));
    expect(packages(reading).every(isXml)).toBe(true);
    const folder = 'node_modules/msgpackr';
    const others = packages(writing).filter((path) => !isXml(path));
    expect(others.sort()).toEqual([`${folder}/pack.js`, `${folder}/unpack.js`]);
  });

  test('a bundler that splits loads what reads other formats when it is asked for, and XML apart', async () => {
    const { metafile } = await build({
      ...options("export { importModel } from 'nuthatch/import';"),
      splitting: true,
      outdir: 'split',
    });
    const outputs = Object.values(metafile.outputs);
    const first = outputs.find(({ entryPoint }) => entryPoint?.includes('stdin'))!;
    const now = [
      first,
      ...first.imports
        .filter(({ kind }) => kind === 'import-statement')
        .map(({ path }) => metafile.outputs[path]!),
    ];
    const bytes = now.reduce((sum, output) => sum + output.bytes, 0);
    console.log(`importModel, split: ${bytes} bytes before any file but .nut`);
    const carried = now.flatMap(({ inputs }) => Object.keys(inputs));
    expect(carried).toContain('dist/formats/nut/read.js');
    const late = (path: string) => /node_modules|formats\/(?!nut\/).+\//.test(path);
    expect(carried.filter(late)).toEqual([]);
    const formats = outputs.find(({ inputs }) => 'dist/formats/formats.js' in inputs)!;
    expect(Object.keys(formats.inputs)).toContain('dist/formats/pmml/detect.js');
    expect(Object.keys(formats.inputs)).not.toContain('dist/formats/pmml/import.js');
    const all = outputs.flatMap(({ inputs }) => Object.keys(inputs));
    expect(all).toEqual(
      expect.arrayContaining(['dist/formats/pmml/xml.js', 'node_modules/saxes/saxes.js']),
    );
  });

  test('import, write, load and predict work from one file', async () => {
    const { code } = await bundle(
      "export { load } from 'nuthatch'; export { importModel, writeNut } from 'nuthatch/import';",
    );
    const folder = mkdtempSync(join(tmpdir(), 'nuthatch-bundle-'));
    try {
      const path = join(folder, 'bundle.mjs');
      writeFileSync(path, code);
      const { load, importModel, writeNut } = (await import(
        /* @vite-ignore */ pathToFileURL(path).href
      )) as typeof import('../src/index.js') & typeof import('../formats/index.js');
      const description = await importModel(
        readFileSync(join(project, 'fixtures/demo/model.json')),
      );
      const xml = await importModel(readFileSync(join(project, 'fixtures/pmml/tree/model.pmml')));
      expect(asPredictor(load(writeNut(xml))).task).toBe('classifier');
      const model = asPredictor(load(writeNut(description)));
      const { input, outputs } = description.golden[0]!;
      const { data, rows, columns } = input as GoldenMatrix;
      const expected = outputs.find(({ method }) => method === 'predict')!.parts[0]!.values;
      expect(model.predict({ data, rows, cols: columns })).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
