import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectFolder } from './fixtures.js';
import type { Answers } from './subject.js';

/** Rows that are timed. */
export const timedRows = 10_000;

/** A trained model with rows to predict and Python's answers, as bench/train.py writes them. */
export interface Workload {
  readonly name: string;
  readonly folder: string;
  readonly about: string;
  readonly estimator: string;
  readonly trees: number;
  readonly nodes: number;
  readonly features: number;
  /** Null for a regressor. */
  readonly classes: number | null;
  /** What Python's own scores are of. */
  readonly precision: 'float32' | 'float64';
  /** Files that could not be made, and why. */
  readonly absent: Readonly<Record<string, string>>;
  /** The .nut file. */
  readonly model: Uint8Array;
  /** `timedRows` rows; fewer stored ones come again and again. */
  readonly data: Float32Array;
  /** Rows that answers are known of: the first ones. */
  readonly checkedRows: number;
  readonly expected: Answers;
}

/** Rows in the form that our own methods take. */
export interface Batch {
  readonly data: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

const committedFolder = join(projectFolder, 'bench', 'models');
const trainedFolder = join(projectFolder, '.cache', 'bench');

export const isCommitted = (name: string): boolean => existsSync(join(committedFolder, name));

/** Reads a workload as it was trained on this machine, or the committed one where `trained` does not ask for the other. */
export function readWorkload(name: string, trained: boolean): Workload {
  const folder = join(!trained && isCommitted(name) ? committedFolder : trainedFolder, name);
  if (!existsSync(join(folder, 'workload.json')))
    throw new Error(
      `${name} is trained, not committed: npm run bench:python does it, or python3.11 bench/train.py ${name}`,
    );
  const about = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')) as Pick<
    Workload,
    'about' | 'estimator' | 'trees' | 'nodes' | 'features' | 'classes' | 'precision' | 'absent'
  > & { readonly rows: number };
  const { rows, ...facts } = about;
  const stored = new Float32Array(readBuffer(folder, 'rows.f32'));
  const data = new Float32Array(timedRows * facts.features);
  for (let i = 0; i < data.length; i++) data[i] = stored[i % stored.length]!;
  return {
    name,
    folder,
    ...facts,
    model: new Uint8Array(readBuffer(folder, 'model.nut')),
    data,
    checkedRows: Math.min(rows, timedRows),
    expected: readAnswers(folder, facts.classes !== null ? 'labels.i32' : null, 'scores.f64'),
  };
}

export function readAnswers(folder: string, labels: string | null, scores: string): Answers {
  return {
    labels: labels === null ? null : new Int32Array(readBuffer(folder, labels)),
    scores: new Float64Array(readBuffer(folder, scores)),
  };
}

/** A file of the workload that may be packed; null where it is not there. */
export function readFileOf({ folder }: Workload, file: string): Buffer | null {
  const path = join(folder, file);
  if (existsSync(path)) return readFileSync(path);
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : null;
}

function readBuffer(folder: string, file: string): ArrayBuffer {
  return Uint8Array.from(readFileSync(join(folder, file))).buffer;
}

/** All rows in batches of `rows`; where there are fewer, they come again and again in one. */
export function cutBatches({ data, features: cols }: Workload, rows: number): Batch[] {
  if (rows > timedRows) {
    const repeated = Float32Array.from({ length: rows * cols }, (_, i) => data[i % data.length]!);
    return [{ data: repeated, rows, cols }];
  }
  return Array.from({ length: Math.floor(timedRows / rows) }, (_, i) => ({
    data: data.subarray(i * rows * cols, (i + 1) * rows * cols),
    rows,
    cols,
  }));
}

/** The rows that answers are known of, as one batch. */
export function checkedBatch({ data, features: cols, checkedRows: rows }: Workload): Batch {
  return { data: data.subarray(0, rows * cols), rows, cols };
}

/** A batch as arrays of numbers, which most JavaScript libraries take. */
export function plainRows({ data, rows, cols }: Batch): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from(data.subarray(row * cols, (row + 1) * cols)),
  );
}
