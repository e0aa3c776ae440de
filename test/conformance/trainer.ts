import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectFolder } from './environments.js';

/** One line of train.py: a model that Python trained, or what went wrong. */
export type Trained = {
  readonly model: string;
  readonly estimator: string;
  /** Which part of the model this is, alone with the reference's own input to it; not there for the model itself. */
  readonly stage?: string;
  /** What the error says that its import ends with; not there where it is to be compared. */
  readonly refused?: string;
} & ({ readonly file: string; readonly stages?: number } | { readonly error: string });

export interface TrainingStart {
  /** Models, to which each adds its stages. */
  readonly total: number;
  /** Exact versions of scikit-learn and what it computes with. */
  readonly versions: Readonly<Record<string, string>>;
  /** Every estimator that this scikit-learn has, with its methods that answer new rows. */
  readonly classes: Readonly<Record<string, readonly string[]>>;
}

/**
 * Runs train.py and yields models while Python trains the next ones: all, or one of the shares that several processes train.
 *
 * @throws Error where it ends before it has made as many models and stages as it announced
 */
export async function* trainModels(
  python: string,
  folder: string,
  quick: boolean,
  share: string,
  classes: readonly string[],
  onStart: (start: TrainingStart) => void,
): AsyncGenerator<Trained> {
  const script = join(projectFolder, 'test', 'conformance', 'train.py');
  const options = ['--share', share, ...(quick ? ['--quick'] : [])];
  const child = spawn(python, [script, ...options, folder, ...classes], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  // Awaited below; a failure before that must not count as unhandled.
  ended.catch(() => undefined);
  let total: number | null = null;
  let count = 0;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as TrainingStart | Trained;
      if ('total' in said) {
        total = said.total;
        onStart(said);
      } else {
        count++;
        if (total !== null && 'stages' in said) total += said.stages!;
        yield said;
      }
    }
  } finally {
    child.kill();
  }
  const status = await ended;
  if (status !== 0 || total === null || count !== total) {
    throw new Error(`train.py ended with ${status} after ${count} of ${total ?? 'no'} models`);
  }
}
