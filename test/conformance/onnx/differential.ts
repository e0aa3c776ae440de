import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModel } from '../../../formats/index.js';
import { compareAnswers, readAnswers } from './answers.js';

/** Compares all cases of a folder that fixtures/onnx/make.py wrote, and prints a table. */
const folder = process.argv[2]!;
for (const name of readdirSync(folder).sort()) {
  const path = join(folder, name);
  try {
    const answers = readAnswers(path);
    const model = await importModel(readFileSync(join(path, 'model.onnx')));
    for (const one of compareAnswers(model, answers))
      process.stdout.write(
        `${name.padEnd(28)} ${answers.rule.padEnd(8)} ${one.method.padEnd(17)} ${((100 * one.identical) / one.values).toFixed(2).padStart(7)} % of ${one.values}  ${one.worstSteps.toFixed(1)} steps ${one.worst.toExponential(1)} wrong labels ${one.wrongLabels}\n`,
      );
  } catch (error) {
    process.stdout.write(`${name.padEnd(28)} ${(error as Error).message.slice(0, 200)}\n`);
  }
}
