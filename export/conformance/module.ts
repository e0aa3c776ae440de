import { createModel } from 'nuthatch';
import type { ModelDescription } from 'nuthatch/ir';
import { exportModel } from '../src/index.js';
import { answerOf, rowsOf, sameValues } from './answers.js';
import type { Proof } from './proof.js';

/** Every method of the module answers golden rows as the library does, to the bit. */
export async function proveModule(model: ModelDescription): Promise<Proof> {
  const [file] = await exportModel(model, 'js');
  const { content } = file!;
  const url = `data:text/javascript;base64,${Buffer.from(content).toString('base64')}`;
  const { default: made } = (await import(url)) as { default: object };
  const own = createModel(model);
  let values = 0;
  let identical = 0;
  for (const set of model.golden) {
    const rows = rowsOf(set, 200);
    for (const name of own.methods) {
      const expected = answerOf(own, name, rows);
      values += expected.length;
      identical += sameValues(expected, answerOf(made, name, rows));
    }
  }
  return { bytes: content.length, values, identical, failed: values - identical };
}
