import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModel, writeNut } from '../../formats/index.js';
import { writeTable } from '../formats/marked-table.js';
import { type Comparison, compareAnswers, othersThanOriginal, readAnswers } from './answers.js';

/**
 * Compares all cases of a folder that `fixtures/pmml/make.py --out` wrote with jpmml-evaluator's answers, and labels with those of the library that
 * trained the model:
 *
 *     node dist/test/pmml/differential.js FOLDER [--write docs/formats.md]
 *
 * Prints a row of a table for each model, whose seeds are one. Exit code 1 where something differs by more than its rule allows.
 */
const [folder, , document] = process.argv.slice(2);
if (folder === undefined) throw new Error('differential.js FOLDER [--write FILE]');
const rows = new Map<string, (Comparison & { readonly rule: string })[]>();
const fail = (name: string, message: string) => {
  console.error(`${name}: ${message}`);
  process.exitCode = 1;
};
for (const name of readdirSync(folder).sort()) {
  const path = join(folder, name);
  const model = name.replace(/-\d+$/, '');
  try {
    const answers = readAnswers(path);
    const imported = await importModel(readFileSync(join(path, 'model.pmml')));
    for (const description of [imported, await importModel(writeNut(imported))]) {
      const found = compareAnswers(description, answers);
      for (const { failures } of found) for (const failure of failures) fail(name, failure);
      if (description === imported)
        rows.set(model, [
          ...(rows.get(model) ?? []),
          ...found.map((one) => ({ ...one, rule: answers.rule })),
        ]);
    }
    for (const other of othersThanOriginal(imported, answers))
      fail(name, `the library's own: ${other}`);
  } catch (error) {
    fail(name, (error as Error).message);
  }
}
const lines = [
  '| model | method | rule | values | identical | worst | failed | rows refused |',
  '| - | - | - | -: | -: | -: | -: | -: |',
];
for (const [name, all] of rows)
  for (const method of new Set(all.map((one) => one.method))) {
    const same = all.filter((one) => one.method === method);
    const sum = (of: (one: Comparison) => number) =>
      same.reduce((total, one) => total + of(one), 0);
    const values = sum((one) => one.values);
    const share = ((100 * sum((one) => one.identical)) / values).toFixed(2);
    const worst = Math.max(...same.map((one) => one.worst)).toFixed(2);
    const ties = sum((one) => one.ties);
    const failed = `${sum((one) => one.failures.length)}${ties > 0 ? ` (${ties} ties)` : ''}`;
    lines.push(
      `| ${name} | ${method} | ${same[0]!.rule} | ${values} | ${share} % | ${worst} | ${failed} | ${sum((one) => one.refused)} |`,
    );
  }
console.log(lines.join('\n'));
if (document !== undefined && !process.exitCode) writeTable(document, 'pmml', lines.join('\n'));
