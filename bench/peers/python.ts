import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LineProcess } from '../child-process.js';
import { projectFolder } from '../fixtures.js';
import type { Absence, Answers, Peer, Subject } from '../subject.js';
import { readAnswers, type Workload } from '../workload.js';

const python = join(projectFolder, '.venvs', 'bench', 'bin', 'python');
const script = join(projectFolder, 'bench', 'python', 'main.py');

const float32Tolerance = 1e-6;

export interface PythonPeer {
  readonly name: string;
  /** Beside what a change of BLAS does to linear models of float32. */
  readonly tolerance: number;
  /** File of the answers to expect, where the library has trained a model of its own. */
  readonly ownAnswers?: string;
  readonly loads?: boolean;
}

/** A library in Python, in a process of its own that times its own calls: what lies between the processes does not count. */
export function pythonPeer(peer: PythonPeer): Peer {
  return { name: peer.name, open: (workload) => openPython(workload, peer) };
}

async function openPython(
  workload: Workload,
  { name, tolerance, ownAnswers, loads }: PythonPeer,
): Promise<Subject | Absence> {
  if (!existsSync(python))
    return { absent: 'there is no .venvs/bench; npm run bench:python makes it' };
  const process = new LineProcess(python, [script, name, workload.folder]);
  const opened = await firstLine(process);
  if ('absent' in opened) {
    await process.close();
    return opened;
  }
  const ask = async (question: object): Promise<Record<string, unknown>> =>
    JSON.parse(await process.ask(JSON.stringify(question)));
  return {
    name,
    version: opened.version,
    tolerance: workload.precision === 'float32' ? Math.max(tolerance, float32Tolerance) : tolerance,
    ...(ownAnswers && { expected: readAnswers(workload.folder, null, ownAnswers) }),
    async answer(): Promise<Answers> {
      const { labels, scores } = await ask({ op: 'answer' });
      return {
        labels: labels === null ? null : new Int32Array(decode(labels as string)),
        scores: scores === null ? null : new Float64Array(decode(scores as string)),
      };
    },
    time: async (rows, calls, first) =>
      (await ask({ op: 'time', rows, calls, first })).us as number,
    ...(loads && { timeLoad: async () => (await ask({ op: 'load' })).us as number }),
    close: () => process.close(),
  };
}

/** The library's version; or why there is nothing to compare, also where it cannot even start. */
async function firstLine(process: LineProcess): Promise<Absence | { readonly version: string }> {
  try {
    return JSON.parse(await process.ask(''));
  } catch (error) {
    return { absent: `does not start: ${(error as Error).message.split('\n').at(-1)}` };
  }
}

const decode = (base64: string): ArrayBuffer =>
  Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
