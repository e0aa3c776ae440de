import { basename } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { findNodes, parse, place, type Source, sources, visit } from './source-files.js';

/** The rules of docs/decisions/0003-import-directions.md and CONTRIBUTING.md, checked on the source text. */
const library = [...sources('src'), ...sources('formats')];
const everything = [...library, ...['bench', 'examples', 'test'].flatMap(sources)];

/** Imports of our own files from below `folder` that lead to none of `allowed`: folders end in a slash. */
function strayImports(folder: string, allowed: readonly string[]): string[] {
  return strays(
    library.filter(({ path }) => path.startsWith(folder)),
    (target) => allowed.some((place) => startsWith(target, place)),
  );
}

function strays(files: readonly Source[], allowed: (target: string) => boolean): string[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier, target }) => specifier.startsWith('.') && !allowed(target))
      .map(({ target }) => `${path} imports ${target}`),
  );
}

function startsWith(target: string, place: string): boolean {
  return place.endsWith('/') ? target.startsWith(place) : target === place;
}

describe('import directions', () => {
  test('the sources are found, and so are the imports', () => {
    expect(library.length).toBeGreaterThan(50);
    const paths = new Set(everything.map(({ path }) => path));
    const missing = library.flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier, target }) => specifier.startsWith('.') && !paths.has(target))
        .map(({ target }) => `${path} imports ${target}`),
    );
    expect(missing).toEqual([]);
    expect(library.flatMap(({ imports }) => imports).length).toBeGreaterThan(150);
  });

  const runtime: Record<string, readonly string[]> = {
    'src/kernels/': ['src/kernels/'],
    'src/math/': ['src/math/'],
    'src/ir/': ['src/ir/', 'src/errors.ts'],
    'src/text/': ['src/text/', 'src/ir/', 'src/errors.ts'],
    'src/input/': ['src/input/', 'src/ir/', 'src/errors.ts'],
    'src/compile/': [
      ...['src/compile/', 'src/ir/', 'src/kernels/', 'src/math/', 'src/input/', 'src/text/'],
      'src/errors.ts',
    ],
  };
  test.each(Object.entries(runtime))('%s imports only %j', (folder, allowed) => {
    expect(library.some(({ path }) => path.startsWith(folder))).toBe(true);
    expect(strayImports(folder, allowed)).toEqual([]);
  });

  test.each(['server/src', 'batch/src'])(
    '%s imports the library by its public names, and files of its own',
    (folder) => {
      const files = sources(folder);
      expect(files.length).toBeGreaterThan(10);
      expect(strays(files, (target) => target.startsWith(`${folder}/`))).toEqual([]);
    },
  );

  test('so does the package that exports', () => {
    const exporter = sources('export/src');
    expect(exporter.length).toBeGreaterThan(5);
    expect(strays(exporter, (target) => target.startsWith('export/src/'))).toEqual([]);
  });

  test('formats know the IR, errors, mathematics and the version, and not what runs models', () => {
    const allowed = ['src/ir/', 'src/math/', 'src/errors.ts', 'src/version.ts', 'formats/'];
    expect(strayImports('formats/', allowed)).toEqual([]);
  });

  test('importers do not import each other; they share JSON, readers of Python objects these and their lowering, which reads models of boosters in estimators, and those of tree ensembles their trees', () => {
    const folders = new Set(
      library.map(({ path }) => /^formats\/([^/]+)\//.exec(path)?.[1]).filter((name) => name),
    );
    expect(folders.size).toBeGreaterThan(2);
    const pythonReaders = ['pickle', 'python', 'skops', 'sklearn-json', 'sklearn-json-package'];
    const boosters = ['catboost', 'lightgbm', 'xgboost'];
    const found = [...folders].flatMap((name) =>
      strayImports(`formats/${name}/`, [
        ...[
          `formats/${name}/`,
          'formats/format.ts',
          'formats/classifier-head.ts',
          'formats/crc32.ts',
          'formats/inflate.ts',
          'src/',
        ],
        ...(pythonReaders.includes(name!) ? ['formats/sklearn/', 'formats/python/'] : []),
        ...(name === 'sklearn' ? boosters.map((booster) => `formats/${booster}/`) : []),
        ...(/json|skops/.test(name!) || boosters.includes(name!) ? ['formats/json/'] : []),
        ...(boosters.includes(name!) || ['onnx', 'pmml', 'sklearn'].includes(name!)
          ? ['formats/boosting/']
          : []),
      ]),
    );
    expect(found).toEqual([]);
  });

  test('the runtime reads .nut files and imports no other format', () => {
    const files = library.filter(
      ({ path }) =>
        path.startsWith('src/') && path !== 'src/node.ts' && !path.startsWith('src/cli/'),
    );
    const found = strays(
      files,
      (target) => target.startsWith('src/') || target === 'formats/nut/read.ts',
    );
    expect(found).toEqual([]);
  });

  test('only node.ts, what its threads run, and the command line touch Node', () => {
    const free = library.filter(
      ({ path }) =>
        !['src/node.ts', 'src/node-worker.ts'].includes(path) && !path.startsWith('src/cli/'),
    );
    const modules = free.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target.startsWith('node:'))
        .map(({ target }) => `${path} imports ${target}`),
    );
    expect(modules).toEqual([]);
    // Types that only @types/node has would pass the compiler.
    const globals = new Set([
      'process',
      'Buffer',
      'require',
      '__dirname',
      'NodeJS',
      'setImmediate',
    ]);
    const found = findNodes(
      free,
      (node) =>
        ts.isIdentifier(node) &&
        globals.has(node.text) &&
        !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node),
    );
    expect(found).toEqual([]);
  });

  test('commands of packages that bring a library of their own load none before it', () => {
    const loaded = new Set(['src/cli/predict.ts', 'src/cli/serve.ts']);
    for (const path of loaded)
      for (const { target, typeOnly } of library.find((file) => file.path === path)!.imports)
        if (!typeOnly && target.startsWith('src/')) loaded.add(target);
    const others = [...loaded].filter((path) => !path.startsWith('src/cli/'));
    expect(others.sort()).toEqual(['src/errors.ts', 'src/method-names.ts', 'src/version.ts']);
    expect([...loaded]).not.toContain('src/cli/open-model.ts');
  });

  test('the packages are msgpackr, for the writer of .nut, yaml, for folders of MLflow, and saxes, for PMML', () => {
    const packages = library.flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    expect(packages).toEqual([
      'formats/mlflow/mlmodel.ts imports yaml',
      'formats/nut/write.ts imports msgpackr/pack',
      'formats/pmml/xml.ts imports saxes',
    ]);
  });

  test('there are no cycles among imports, of values or of types', () => {
    const graph = new Map(
      library.map(({ path, imports }) => [path, imports.map(({ target }) => target)]),
    );
    expect(findCycle(graph)).toBeNull();
  });
});

/** The files of one cycle, its first file again at the end. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const trail: string[] = [];
  const follow = (path: string): string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return null;
    trail.push(path);
    for (const next of graph.get(path) ?? []) {
      const cycle = follow(next);
      if (cycle !== null) return cycle;
    }
    trail.pop();
    done.add(path);
    return null;
  };
  for (const path of graph.keys()) {
    const cycle = follow(path);
    if (cycle !== null) return cycle;
  }
  return null;
}

describe('files', () => {
  test('an index.ts holds exports from other files and nothing else', () => {
    const found = library
      .filter(({ path }) => basename(path) === 'index.ts')
      .flatMap((source) =>
        source.file.statements
          .filter((node) => !(ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined))
          .map((node) => place(source, node)),
      );
    expect(found).toEqual([]);
  });

  test('nothing is imported for its side effects', () => {
    const found = library.flatMap(({ path, imports }) =>
      imports.filter(({ bare }) => bare).map(({ specifier }) => `${path}: import '${specifier}'`),
    );
    expect(found).toEqual([]);
  });

  test('no file has a name that says nothing', () => {
    const names = /^(utils?|helpers?|misc|common|shared)\.ts$/;
    const found = everything.map(({ path }) => path).filter((path) => names.test(basename(path)));
    expect(found).toEqual([]);
  });

  test('types are not talked away', () => {
    const isAny = (node: ts.Node) =>
      (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) &&
      node.type.kind === ts.SyntaxKind.AnyKeyword;
    expect(findNodes(everything, isAny)).toEqual([]);
    const silenced = (files: readonly Source[], pattern: RegExp) =>
      files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
    // A type test may expect an error, in a line that names it.
    expect(silenced(everything, /(\/\/|\/\*)\s*@ts-(ignore|nocheck)/)).toEqual([]);
    expect(silenced(library, /(\/\/|\/\*)\s*@ts-expect-error/)).toEqual([]);
  });

  test('a test that is skipped says why', () => {
    const tests = everything.filter(({ path }) => path.startsWith('test/'));
    expect(findNodes(tests, isSilentSkip)).toEqual([]);
  });

  test('no code is made of strings', () => {
    const found = findNodes(
      library,
      (node) =>
        (ts.isCallExpression(node) || ts.isNewExpression(node)) &&
        ts.isIdentifier(node.expression) &&
        ['eval', 'Function'].includes(node.expression.text),
    );
    expect(found).toEqual([]);
  });
});

/**
 * A test left out without a reason: `skip`, `skipIf`, `runIf`, `todo` and `fails` want a comment above the statement, `context.skip` may
 * take the reason as its argument. `only` leaves out all the others and has no good reason.
 */
function isSilentSkip(node: ts.Node, { text }: Source): boolean {
  if (!ts.isPropertyAccessExpression(node)) return false;
  const root = /^(?:test|it|describe|suite|context|ctx)\b/;
  if (!root.test(node.expression.getText())) return false;
  if (node.name.text === 'only') return true;
  if (!['skip', 'skipIf', 'runIf', 'todo', 'fails'].includes(node.name.text)) return false;
  const call = node.parent;
  if (/^(context|ctx)$/.test(node.expression.getText()) && ts.isCallExpression(call)) {
    const reason = call.arguments.at(-1);
    if (reason !== undefined && ts.isStringLiteralLike(reason) && reason.text !== '') return false;
  }
  const statement = ts.findAncestor(node, ts.isStatement)!;
  return (ts.getLeadingCommentRanges(text, statement.pos) ?? []).length === 0;
}

/** Functions whose result is exact or correctly rounded in every engine. All others differ between engines. */
const exactMath = new Set([
  ...['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt'],
  ...['trunc', 'E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'],
]);

/** Any other use of Math: also `const { exp } = Math`, `Math['exp']` and Math passed on. */
function isInexactMath(node: ts.Node): boolean {
  if (!ts.isIdentifier(node) || node.text !== 'Math') return false;
  const { parent } = node;
  return !(ts.isPropertyAccessExpression(parent) && exactMath.has(parent.name.text));
}

type Power = 'none' | 'literal' | 'of two' | 'other';

function powerOf(node: ts.Node): Power {
  if (!ts.isBinaryExpression(node)) return 'none';
  const { left, right, operatorToken } = node;
  if (operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken) return 'other';
  if (operatorToken.kind !== ts.SyntaxKind.AsteriskAsteriskToken) return 'none';
  if (isInteger(left) && isInteger(right)) return 'literal';
  return ts.isNumericLiteral(left) && left.text === '2' ? 'of two' : 'other';
}

function isInteger(node: ts.Expression): boolean {
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken)
    return isInteger(node.operand);
  return ts.isNumericLiteral(node) && Number.isInteger(Number(node.text));
}

describe('mathematics', () => {
  /** Files that may use other functions of Math, and why. */
  const inexactFiles: Readonly<Record<string, string>> = {};

  test('results come from src/math and never from functions that engines compute differently', () => {
    const files = library.filter(({ path }) => !(path in inexactFiles));
    expect(findNodes(files, isInexactMath)).toEqual([]);
  });

  /** Files with powers of two that are not literals, and why those are exact. */
  const powerFiles: Readonly<Record<string, string>> = {
    'src/ir/trees.ts': 'a range check; the exponent is a number of bits, at most 28',
    'src/ir/tree-structure.ts': 'a mask and a number of slots; at most 32 bits',
  };

  test('powers are of integer literals, or exact for a reason', () => {
    const found = findNodes(library, (node, { path }) => {
      const power = powerOf(node);
      return power === 'other' || (power === 'of two' && !(path in powerFiles));
    });
    expect(found).toEqual([]);
  });

  test('every exception is still needed', () => {
    const used = (exceptions: object, matches: (node: ts.Node) => boolean) =>
      library
        .filter((source) => source.path in exceptions && findNodes([source], matches).length > 0)
        .map(({ path }) => path);
    expect(used(inexactFiles, isInexactMath)).toEqual(Object.keys(inexactFiles).sort());
    expect(used(powerFiles, (node) => powerOf(node) === 'of two')).toEqual(
      Object.keys(powerFiles).sort(),
    );
  });
});

describe('the rules themselves', () => {
  test('imports of every form are found', () => {
    const source = parse(
      'src/kernels/wrong.ts',
      `import '../ir/index.js';
      import type { A } from '../model.js';
      export { b } from 'node:fs';
      await import('./z.js');`,
    );
    expect(source.imports).toEqual([
      { specifier: '../ir/index.js', target: 'src/ir/index.ts', typeOnly: false, bare: true },
      { specifier: '../model.js', target: 'src/model.ts', typeOnly: true, bare: false },
      { specifier: 'node:fs', target: 'node:fs', typeOnly: false, bare: false },
      { specifier: './z.js', target: 'src/kernels/z.ts', typeOnly: false, bare: false },
    ]);
    expect(strays([source], (target) => startsWith(target, 'src/kernels/'))).toHaveLength(2);
  });

  test('cycles are found', () => {
    const graph = { a: ['b'], b: ['c'], c: ['b'] };
    expect(findCycle(new Map(Object.entries(graph)))).toEqual(['b', 'c', 'b']);
    expect(findCycle(new Map(Object.entries({ ...graph, c: [] })))).toBeNull();
  });

  test('skips without a reason are found', () => {
    const source = parse(
      'test/wrong.test.ts',
      `test.skip('a', () => {});
      // Bun has no such call.
      test.skipIf(isBun)('b', () => {});
      test('c', (context) => { context.skip('no such file'); });
      test('d', (context) => { context.skip(); });
      describe.only('e', () => {});`,
    );
    expect(findNodes([source], isSilentSkip)).toEqual([
      'test/wrong.test.ts:1: test.skip',
      'test/wrong.test.ts:5: context.skip',
      'test/wrong.test.ts:6: describe.only',
    ]);
  });

  test('mathematics is found', () => {
    const source = parse(
      'src/kernels/wrong.ts',
      `Math.exp(x) + Math['log'](x) + Math.sqrt(x);
      const { tanh } = Math;
      // Math.pow in a comment
      x ** 2; x **= 2; 10 ** -3; 2 ** n; 2 ** -53;`,
    );
    expect(findNodes([source], isInexactMath)).toHaveLength(3);
    const powers: Power[] = [];
    visit(source.file, (node) => void powers.push(powerOf(node)));
    expect(powers.filter((power) => power !== 'none')).toEqual([
      ...(['other', 'other', 'literal', 'of two', 'literal'] as const),
    ]);
  });
});
