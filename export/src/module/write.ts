import { createModel, methodNames } from 'nuthatch';
import type { ModelDescription } from 'nuthatch/ir';
import { writeTypes } from '../types/index.js';
import { bundleModel } from './bundle.js';

/** One ES module that needs no other, and its types: the model by `default`, and each of its methods by name. */
export async function writeModule(
  model: ModelDescription,
): Promise<{ readonly code: string; readonly types: string }> {
  const made = createModel(model);
  const methods = [...made.methods.map((name) => methodNames[name]), 'predictOne'].filter(
    (name) => name in made,
  );
  const rest = `export default model;
export const { ${methods.join(', ')} } = model;`;
  const code = await bundleModel(model, rest, { format: 'esm', target: 'es2022' });
  const types = `${writeTypes(model)}
declare const model: Model;
export default model;
${methods.map((name) => `export declare const ${name}: Model['${name}'];`).join('\n')}
`;
  return { code: `// A model, written by nuthatch: it needs nothing else.\n${code}`, types };
}
