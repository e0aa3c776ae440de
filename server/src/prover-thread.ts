import { type ErrorCode, NuthatchError } from 'nuthatch';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { type Proof, prove } from './proof.js';
import { tensorsOf } from './tensors.js';

/** What a thread says of a file: errors lose their codes on the way between threads. */
export type Proved =
  | { readonly proof: Proof }
  | { readonly code: ErrorCode; readonly message: string };

/** Smaller memory is copied: it may be a part of one that Node shares among files. */
const leastMoved = 2 ** 16;

export default async function run(path: string): Promise<Proved> {
  try {
    const proof = await prove(path);
    const buffers = new Set(
      tensorsOf(proof.description)
        .map(({ buffer }) => buffer)
        .filter((buffer) => buffer instanceof ArrayBuffer && buffer.byteLength >= leastMoved),
    );
    const moved = {
      [transferableSymbol]: [...buffers] as ArrayBuffer[],
      [valueSymbol]: { proof },
    };
    return move(moved as never) as unknown as Proved;
  } catch (error) {
    if (!(error instanceof NuthatchError)) throw error;
    return { code: error.code, message: error.message };
  }
}
