import { Readable } from 'node:stream';
import { vi } from 'vitest';
// As built: packages that commands load are, and both must throw errors of one class.
import { runCommandLine } from '../dist/src/cli/run.js';

export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * A command line's run inside this process, ten times as fast as one of its own. One waits for the other, since they share the folder they
 * are in and what they write to.
 */
export function runCli(args: readonly string[], folder: string, input = ''): Promise<CliRun> {
  const run = last.then(() => runHere(args, folder, input));
  last = run.catch(() => undefined);
  return run;
}

async function runHere(args: readonly string[], folder: string, input: string): Promise<CliRun> {
  const before = process.cwd();
  const stdin = vi.spyOn(process, 'stdin', 'get');
  stdin.mockReturnValue(Readable.from([Buffer.from(input)]) as typeof process.stdin);
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  process.chdir(folder);
  try {
    const status = await runCommandLine(args);
    return { status, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.chdir(before);
    stdin.mockRestore();
    stdout.end();
    stderr.end();
  }
}

function capture(stream: NodeJS.WriteStream) {
  let text = '';
  const decoder = new TextDecoder();
  const spy = vi.spyOn(stream, 'write').mockImplementation(((
    chunk: string | Uint8Array,
    done?: () => void,
  ) => {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    done?.();
    return true;
  }) as typeof stream.write);
  return { text: () => text, end: () => spy.mockRestore() };
}
