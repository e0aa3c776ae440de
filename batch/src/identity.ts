import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { NuthatchError } from 'nuthatch';
import { ioError } from 'nuthatch/node';
import type { Source } from './inputs.js';

/** What an output depends on: that of the same identity is the same to the byte. */
export interface Identity {
  /** What tells the model, and the release that it runs in, from others. */
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly InputIdentity[];
}

interface InputIdentity {
  readonly path: string;
  readonly size: number | null;
  readonly modified: number | null;
  /** Digest of its first bytes. */
  readonly head: string;
}

const headBytes = 2 ** 16;

/** The files of the input as they were found when the job began. */
export const identifyInputs = (sources: readonly Source[]): Promise<InputIdentity[]> =>
  Promise.all(
    sources.map(async ({ path, size, modified }) => ({
      path,
      size,
      modified,
      head: await digestHead(path),
    })),
  );

async function digestHead(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw ioError('read', path, error);
  }
}

/** Refuses to continue another job's output. @throws NuthatchError `usage`, which names what differs */
export function checkIdentity(begun: Identity, now: Identity, output: string): void {
  const difference = differenceOf(begun, now);
  if (difference !== null)
    throw new NuthatchError(
      'usage',
      output,
      `it cannot be continued: ${difference}. Run it with what it was begun with, or without --resume from the start`,
    );
}

function differenceOf(begun: Identity, now: Identity): string | null {
  if (begun.model !== now.model)
    return 'it was begun with another model, or in another release of nuthatch';
  for (const name of Object.keys({ ...begun.options, ...now.options })) {
    const [before, value] = [begun.options[name], now.options[name]];
    if (!isDeepStrictEqual(before, value))
      return `it was begun with ${name} ${JSON.stringify(before)}, now ${JSON.stringify(value)}`;
  }
  const paths = ({ inputs }: Identity) => inputs.map(({ path }) => path);
  if (!isDeepStrictEqual(paths(begun), paths(now)))
    return `it was begun with ${begun.inputs.length} inputs, and now these are ${now.inputs.length}, or others`;
  const changed = now.inputs.find((input, i) => !isDeepStrictEqual(input, begun.inputs[i]));
  return changed ? `${JSON.stringify(changed.path)} has changed since it was begun` : null;
}
