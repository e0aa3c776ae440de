import { createHash } from 'node:crypto';
import type { ModelDescription } from 'nuthatch/ir';
import { bundleModel, writeLiteral } from '../module/index.js';
import { refuse } from '../refuse.js';
import type { Signature } from './signature.js';

/** A program that makes a function of a list of cells, under a name of its own, once in a life of its surroundings. */
export async function writeProgram(
  model: ModelDescription,
  { result, isArray, isRecord, hasProbabilities }: Signature,
  key: string,
): Promise<string> {
  // BigQuery has 64-bit integers as strings.
  const convert = result === 'integer' ? '(label) => String(label)' : '(value) => value';
  const first = isArray ? `toList(run([cells])).map(convert)` : `convert(run([cells])[0])`;
  const answer = isRecord
    ? `({ prediction: ${first}${hasProbabilities ? ', probabilities: toList(model.predictProba([cells]))' : ''} })`
    : first;
  const rest = `
const convert = ${convert};
const toList = (answer) => {
  if (answer.toMatrix) return Array.from(answer.toMatrix().data);
  return Array.from(answer.data ? answer.data : answer[0]);
};
const run = model.predict || model.transform || model.scoreSamples;
globalThis.${key} = (cells) => ${answer};`;
  const program = await bundleModel(model, rest, {
    format: 'iife',
    target: 'es2020',
    charset: 'ascii',
    // Added to the language later than what else is used.
    define: { 'Object.hasOwn': 'nuthatchHasOwn' },
    banner: { js: 'var nuthatchHasOwn=(o,k)=>Object.prototype.hasOwnProperty.call(o,k);' },
  });
  const missing = ['TextEncoder', 'TextDecoder'].find((name) => program.includes(`new ${name}`));
  if (missing)
    refuse(
      'unsupported',
      'model.root',
      `a part needs ${missing}, which such functions lack; use --to js`,
    );
  return program;
}

/** A name for a function of this model alone: others, and later ones, may live beside it. */
export function keyOf({ root, input }: ModelDescription, name: string): string {
  const digest = createHash('sha256').update(writeLiteral({ root, input })).digest('hex');
  return `nuthatch_${name}_${digest.slice(0, 12)}`;
}

/** A list of the cells of a row, of parameters by these names. */
export function listCells(
  { parameters, isList, columns }: Signature,
  refer: (name: string) => string,
): string {
  if (isList) return refer('x');
  const cells = new Array<string>(columns).fill('null');
  for (const { name, column } of parameters) cells[column] = refer(name);
  return `[${cells.join(',')}]`;
}
