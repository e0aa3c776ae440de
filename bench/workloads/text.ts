import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNut } from '../../formats/nut/index.js';
import { asClassifier, load } from '../../src/index.js';
import type { GoldenSet } from '../../src/ir/index.js';
import { version } from '../../src/version.js';
import { LineProcess } from '../child-process.js';
import { compare } from '../comparison.js';
import type { Bench } from '../context.js';
import { projectFolder } from '../fixtures.js';
import type { Answers, Peer } from '../subject.js';
import { formatComparison } from '../tables.js';
import type { Workload } from '../workload.js';

export const runsIn = ['node', 'python'] as const;
/** Its model is committed; scikit-learn fits it again, from the same seed. */
export const trained: readonly string[] = [];

const model = join(projectFolder, 'bench', 'models', 'text', 'model.nut');
const python = join(projectFolder, '.venvs', 'bench', 'bin', 'python');
const script = join(projectFolder, 'bench', 'python', 'text.py');

/** Documents of a hundred words, tf-idf and a logistic regression: one document a call and batches, by ours and by scikit-learn. */
export async function run(bench: Bench): Promise<void> {
  const bytes = new Uint8Array(readFileSync(model));
  const set = readNut(bytes).golden.find(({ name }) => name === 'rows')!;
  if (set.input.type !== 'columns') throw new Error('expected documents');
  const documents = set.input.values[0] as readonly string[];
  const workload = {
    name: 'text',
    about: 'documents of a hundred words, 3,000 terms, 4 classes: tf-idf, logistic regression',
    nodes: 0,
    expected: expectedOf(set),
  } as Workload;
  const peers = [ours(bytes, documents), ...(bench.python ? [scikitLearn] : [])];
  const comparison = await compare(workload, peers, bench.pace);
  bench.comparisons.push(comparison);
  process.stdout.write(`${formatComparison(comparison)}\n\n`);
}

function expectedOf({ outputs }: GoldenSet): Answers {
  const valuesOf = (wanted: string) =>
    outputs.find(({ method }) => method === wanted)!.parts[0]!.values as ArrayLike<number>;
  // The labels are 0 to 3.
  return {
    labels: Int32Array.from(valuesOf('predict')),
    scores: Float64Array.from(valuesOf('predict_proba')),
  };
}

const ours = (bytes: Uint8Array, documents: readonly string[]): Peer => ({
  name: 'nuthatch',
  async open() {
    const classifier = asClassifier(load(bytes));
    const cut = (rows: number, at: number) =>
      Array.from({ length: rows }, (_, row) => documents[(at * rows + row) % documents.length]!);
    return {
      name: 'nuthatch',
      version,
      tolerance: 1e-12,
      answer: async () => ({
        labels: Int32Array.from(classifier.predict(documents) as number[]),
        scores: classifier.predictProba!(documents).data,
      }),
      async time(rows, calls, first) {
        const batches = Array.from({ length: Math.min(calls, documents.length) }, (_, at) =>
          cut(rows, at),
        );
        let checksum = 0;
        const start = performance.now();
        for (let call = first; call < first + calls; call++)
          checksum += classifier.predict(batches[call % batches.length]!)[0] as number;
        const took = performance.now() - start;
        if (Number.isNaN(checksum)) throw new Error('a prediction that is not a number');
        return took * 1000;
      },
    };
  },
});

const scikitLearn: Peer = {
  name: 'scikit-learn',
  async open() {
    if (!existsSync(python))
      return { absent: 'there is no .venvs/bench; npm run bench:python makes it' };
    const process = new LineProcess(python, [script]);
    const ask = async (question: object | null) =>
      JSON.parse(await process.ask(question === null ? '' : JSON.stringify(question)));
    const decode = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
    const opened = (await ask(null)) as { version: string };
    return {
      name: 'scikit-learn',
      version: opened.version,
      // Fitted with the BLAS of this machine.
      tolerance: 1e-4,
      async answer() {
        const { labels, scores } = (await ask({ op: 'answer' })) as Record<string, string>;
        return {
          labels: new Int32Array(decode(labels!)),
          scores: new Float64Array(decode(scores!)),
        };
      },
      time: async (rows, calls, first) => (await ask({ op: 'time', rows, calls, first })).us,
      close: () => process.close(),
    };
  },
};
