import { createContext, runInContext } from 'node:vm';
import { createModel } from 'nuthatch';
import { columnsOf, headOf, type ModelDescription } from 'nuthatch/ir';
import { exportModel, type Target } from '../src/index.js';
import { flatten, rowsOf, sameValues } from './answers.js';
import type { Proof } from './proof.js';

/** What engines of warehouses may lack. */
const bare = `
for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'console', 'eval']) delete globalThis[name];
delete Object.hasOwn;
for (const name of ['at', 'findLast', 'with', 'toSorted', 'toReversed']) delete Array.prototype[name];
`;

/** The definition's parameters and body, as a warehouse takes it apart. */
function readDefinition(sql: string): { names: string[]; body: string } {
  const names = [...sql.slice(sql.indexOf('('), sql.indexOf('\n')).matchAll(/[(,] ?(\w+) /g)];
  const [, prefix, end, text] = /\nAS (r?)("""|'''|\$\$|')\n(.*)\n\2;\n$/s.exec(sql)!;
  const body =
    prefix === 'r' || end === '$$' ? text! : text!.replace(/\\(.)/gs, '$1').replaceAll("''", "'");
  return { names: names.map(([, name]) => name!), body };
}

/** The function answers golden rows as the library does, to the bit, where there is nothing but the language. */
export const proveFunction =
  (target: Target) =>
  async (model: ModelDescription): Promise<Proof> => {
    const files = await exportModel(model, target, { name: 'score' });
    const { names, body } = readDefinition(files[0]!.content);
    const context = createContext(Object.create(null));
    runInContext(bare, context);
    if (files[1]) runInContext(files[1].content, context);
    const parameters = target === 'snowflake' ? names.map((name) => name.toUpperCase()) : names;
    const call = runInContext(`(function (${parameters.join(', ')}) {${body}})`, context);
    const own = createModel(model);
    const head = headOf(model.root);
    const isInteger = head?.task === 'classifier' && /int/.test(head.labels[0]!.dtype);
    const unused = columnsOf(model.input)?.map(({ type }) => type === 'unused');
    let values = 0;
    let identical = 0;
    for (const set of model.golden) {
      for (const row of rowsOf(set, 40)) {
        const cells = row
          .filter((_, i) => !unused?.[i])
          .map((cell) => (Number.isNaN(cell) ? null : cell));
        const found = answer(() => call(...(names.length < cells.length ? [cells] : cells)));
        const expected = answer(() => {
          if (own.task === 'transformer') return toDense(own.transform([row] as never));
          if (own.task === 'density') return own.scoreSamples([row] as never);
          const chosen = flatten(
            own.multiOutput && own.task === 'regressor'
              ? toDense(own.predict([row] as never))
              : own.predict([row] as never),
          );
          const texts = isInteger && target === 'bigquery' ? chosen.map(String) : chosen;
          if (!('predictProba' in own) || own.multiOutput) return texts;
          return [
            texts,
            Array.from((own.predictProba!([row] as never) as { data: Float64Array }).data),
          ];
        });
        values += expected.length;
        identical += sameValues(expected, found);
      }
    }
    const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
    return { bytes, values, identical, failed: values - identical };
  };

function answer(run: () => unknown): unknown[] {
  try {
    return flatten(run());
  } catch (error) {
    return [(error as { code?: unknown }).code ?? String(error)];
  }
}

const toDense = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'toMatrix' in value
    ? (value as { toMatrix(): { data: Float64Array } }).toMatrix().data
    : (value as { data: Float64Array }).data;
