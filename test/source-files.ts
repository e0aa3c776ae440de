import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The project's own source text, parsed: for tests that hold it to rules. */
const project = fileURLToPath(new URL('..', import.meta.url));

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The imported file from the project's root, or the specifier itself where it names a package. */
  readonly target: string;
  readonly typeOnly: boolean;
  /** `import 'x'`. */
  readonly bare: boolean;
}

export interface Source {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly file: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** All TypeScript files below a folder of the project, by path; those of installed packages are not ours. */
export function sources(folder: string): Source[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .filter((entry) => !entry.parentPath.split(sep).includes('node_modules'))
    .map((entry) => {
      const path = relative(project, join(entry.parentPath, entry.name)).split(sep).join('/');
      return parse(path, readFileSync(join(project, path), 'utf8'));
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function parse(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports: Import[] = [];
  const add = (node: ts.Expression | undefined, typeOnly: boolean, bare = false) => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return;
    const specifier = node.text;
    const target = specifier.startsWith('.')
      ? posix.join(dirname(path), specifier).replace(/\.js$/, '.ts')
      : specifier;
    imports.push({ specifier, target, typeOnly, bare });
  };
  visit(file, (node) => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      add(
        node.moduleSpecifier,
        clause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
        clause === undefined,
      );
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal as ts.Expression, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
  });
  return { path, text, file, imports };
}

/** Calls `action` for a node and all below it. */
export function visit(node: ts.Node, action: (node: ts.Node) => void): void {
  action(node);
  ts.forEachChild(node, (child) => visit(child, action));
}

/** File, line and the first line of the code. */
export function place(source: Source, node: ts.Node): string {
  const { line } = source.file.getLineAndCharacterOfPosition(node.getStart(source.file));
  return `${source.path}:${line + 1}: ${node.getText(source.file).split('\n')[0]}`;
}

/** Every place in `files` where `matches` says so. */
export function findNodes(
  files: readonly Source[],
  matches: (node: ts.Node, source: Source) => boolean,
): string[] {
  const found: string[] = [];
  for (const source of files) {
    visit(source.file, (node) => {
      if (matches(node, source)) found.push(place(source, node));
    });
  }
  return found;
}
