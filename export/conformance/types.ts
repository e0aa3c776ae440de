import { createModel, methodNames } from 'nuthatch';
import { inputNames, type ModelDescription } from 'nuthatch/ir';
import ts from 'typescript';
import { writeTypes } from '../src/types/index.js';
import type { Proof } from './proof.js';

const files = new Map<string, string>();

/** Keeps the types, and a program that calls each method by them, for `checkTypes`. */
export async function proveTypes(model: ModelDescription): Promise<Proof> {
  const content = writeTypes(model);
  const { methods } = createModel(model);
  const names = inputNames(model.input);
  const folder = `/${files.size}`;
  files.set(`${folder}/model.d.ts`, content);
  files.set(
    `${folder}/program.ts`,
    [
      "import type { Model, Rows } from './model.js';",
      'declare const model: Model;',
      'declare const rows: Rows;',
      ...methods.map((name) => `model.${methodNames[name]}(rows);`),
      ...(names ? ["import type { Features } from './model.js';"] : []),
      ...(names ?? []).map((name) => `(features: Features) => features[${JSON.stringify(name)}];`),
    ].join('\n'),
  );
  const values = methods.length;
  return { bytes: content.length, values, identical: values, failed: 0 };
}

/** What the compiler has to say to all of them: it is asked once, since most of its time is its own library. */
export function checkTypes(): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  // Their folders are no real ones.
  host.directoryExists = () => true;
  host.getSourceFile = (name, version) => {
    const own = files.get(name);
    return own === undefined
      ? getSourceFile.call(host, name, version)
      : ts.createSourceFile(name, own, version);
  };
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  const program = ts.createProgram([...files.keys()], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
}
