import { writeNut } from 'nuthatch/import';
import type { ModelDescription } from 'nuthatch/ir';
import { readJson, writeJson } from '../src/index.js';
import type { Proof } from './proof.js';

/** What is read back makes the same `.nut` file, byte for byte. */
export async function proveJson(model: ModelDescription): Promise<Proof> {
  const text = writeJson(model);
  const isSame = Buffer.compare(writeNut(readJson(text)), writeNut(model)) === 0;
  return { bytes: text.length, values: 1, identical: Number(isSame), failed: Number(!isSame) };
}
