import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from './subject.js';

/** Rows of flowers, and the classes that Python gave them. */
export interface Rows {
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

const features = 4;

export function readRows(project: string): Rows {
  const read = (name: string) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(project, 'bench/models/W1', name));
    return buffer.slice(byteOffset, byteOffset + byteLength);
  };
  const cells = new Float32Array(read('rows.f32') as ArrayBuffer);
  const rows = Array.from({ length: cells.length / features }, (_, row) =>
    Array.from(cells.subarray(row * features, (row + 1) * features)),
  );
  return { rows, labels: [...new Int32Array(read('labels.i32') as ArrayBuffer)] };
}

/** Asks a server for rows, one after another; throws an Error where an answer is not Python's. */
export async function checkAnswers(
  { name, path, body, label, constant }: Subject,
  address: string,
  { rows, labels }: Rows,
): Promise<void> {
  for (const [i, row] of rows.entries()) {
    const response = await fetch(`${address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body(row)),
    });
    const text = await response.text();
    const found = response.ok ? label(JSON.parse(text)) : null;
    // A server that always answers the same has to answer at all.
    const right = constant ? found !== undefined && found !== null : found === labels[i];
    if (!right) throw new Error(`${name}: row ${i} is answered ${text}; expected ${labels[i]}`);
  }
}

/** Writes what wrk sends to a server. */
export function writeBodies(folder: string, { name, path, body }: Subject, { rows }: Rows): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.replace(/\W+/g, '-')}.txt`);
  writeFileSync(file, `${[path, ...rows.map((row) => JSON.stringify(body(row)))].join('\n')}\n`);
  return file;
}
