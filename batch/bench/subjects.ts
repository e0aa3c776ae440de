import { join } from 'node:path';
import { projectFolder } from '../../bench/fixtures.js';

export const formats = ['csv', 'parquet', 'arrow'] as const;
export type Format = (typeof formats)[number];

/** Who scores a file. */
export interface Subject {
  readonly name: string;
  readonly formats: readonly Format[];
  /** Cores that it is given. */
  readonly cores: number;
  command(source: string, target: string): readonly [command: string, ...args: string[]];
}

const trained = join(projectFolder, '.cache', 'bench', 'W3');
export const python = join(projectFolder, '.venvs', 'batch', 'bin', 'python');

function nuthatch(threads: number): Subject {
  return {
    name: `nuthatch, ${threads === 1 ? 'one thread' : `${threads} threads`}`,
    formats,
    cores: threads,
    command: (source, target) => [
      process.execPath,
      join(projectFolder, 'dist/src/cli/main.js'),
      ...['predict', join(trained, 'model.nut'), source],
      ...['-o', target, '--threads', String(threads)],
    ],
  };
}

function recipe(name: string, forFormats: readonly Format[], ...options: string[]): Subject {
  return {
    name,
    formats: forFormats,
    cores: 2,
    command: (source, target) => [
      python,
      join(projectFolder, 'batch/bench/recipe.py'),
      ...[join(trained, 'model.joblib'), source, target, '--jobs', '2', ...options],
    ],
  };
}

export const ours = nuthatch(2);
export const alone = nuthatch(1);
export const recipes: readonly Subject[] = [
  recipe('pandas and scikit-learn', formats),
  recipe('pandas and scikit-learn, by parts', formats, '--rows-at-once', '100000'),
  recipe('pandas (engine pyarrow) and scikit-learn', ['csv'], '--engine', 'pyarrow'),
];
export const subjects: readonly Subject[] = [ours, alone, ...recipes];
