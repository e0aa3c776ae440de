import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModel } from '../../formats/index.js';
import { type Comparison, compareAnswers, readAnswers } from './answers.js';

/**
 * Compares all cases of a folder that `fixtures/onnx/make.py --out` wrote with onnxruntime's answers, and prints a row of a table for each
 * model, whose seeds are one.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('differential.js FOLDER');
const rows = new Map<string, (Comparison & { readonly rule: string })[]>();
for (const name of readdirSync(folder).sort()) {
  const path = join(folder, name);
  const model = name.replace(/-\d+$/, '');
  const own = rows.get(model) ?? [];
  rows.set(model, own);
  try {
    const answers = readAnswers(path);
    const description = await importModel(readFileSync(join(path, 'model.onnx')));
    for (const one of compareAnswers(description, answers))
      own.push({ ...one, rule: answers.rule });
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
console.log(
  '| model | method | rule | values | identical | worst | failed |\n| - | - | - | -: | -: | -: | -: |',
);
for (const [name, all] of rows) {
  for (const method of new Set(all.map((one) => one.method))) {
    const same = all.filter((one) => one.method === method);
    const sum = (of: (one: Comparison) => number) =>
      same.reduce((total, one) => total + of(one), 0);
    const values = sum((one) => one.values);
    const failed = sum((one) => one.failed);
    const worst = Math.max(...same.map((one) => one.worst));
    if (failed > 0) process.exitCode = 1;
    const share = ((100 * sum((one) => one.identical)) / values).toFixed(2);
    const ties = sum((one) => one.ties);
    console.log(
      `| ${name} | ${method} | ${same[0]!.rule} | ${values} | ${share} % | ${worst.toFixed(2)} | ${failed}${ties ? ` (${ties} ties)` : ''} |`,
    );
  }
}
