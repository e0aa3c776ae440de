import { NuthatchError } from '../errors.js';
import { version } from '../version.js';
import { type Command, exitCodes, parseCommand } from './command.js';

/** One line for each command, which is loaded when it is asked for: most need the whole library, `serve` does not. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['inspect', async () => (await import('./inspect.js')).inspect],
  ['convert', async () => (await import('./convert.js')).convert],
  ['predict', async () => (await import('./predict.js')).predict],
  ['verify', async () => (await import('./verify.js')).verify],
  ['check', async () => (await import('./check.js')).check],
  ['replay', async () => (await import('./replay.js')).replay],
  ['serve', async () => (await import('./serve.js')).serve],
  ['export', async () => (await import('./export.js')).exportCommand],
]);

/** Runs a command, says on stderr what goes wrong, and returns the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    return await runCommand(argv);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error === outputError || code === 'EPIPE') return exitCodes.done;
    return report(error, argv.includes('--json'));
  }
}

/** What standard output told: whoever waited for it to be written need not tell it again. */
let outputError: Error | null = null;

/** Says what went wrong with standard output, if anyone is to know, and returns the exit code. */
export function reportOutput(error: NodeJS.ErrnoException, json: boolean): number {
  outputError = error;
  const { code, message } = error;
  // A reader that closed the pipe has seen enough.
  if (code === 'EPIPE') return exitCodes.done;
  return report(new NuthatchError('io', '', `cannot write to standard output: ${message}`), json);
}

async function runCommand(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(await overview());
    return name === undefined ? exitCodes.usage : exitCodes.done;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`nuthatch ${version}\n`);
    return exitCodes.done;
  }
  const load = commands.get(name);
  if (load === undefined) {
    const names = [...commands.keys()].join(', ');
    throw new NuthatchError(
      'usage',
      '',
      `there is no command ${JSON.stringify(name)}; there are ${names}`,
    );
  }
  const command = await load();
  const args = parseCommand(command, rest);
  if (args.flag('help')) {
    process.stdout.write(
      `nuthatch ${command.name} ${command.synopsis}\n\n${command.summary}\n${command.help}`,
    );
    return exitCodes.done;
  }
  return command.run(args);
}

async function overview(): Promise<string> {
  const all = await Promise.all([...commands.values()].map((load) => load()));
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map(
    ({ name, synopsis, summary }) =>
      `  nuthatch ${name.padEnd(width)} ${synopsis}\n  ${' '.repeat(width + 10)}${summary}`,
  );
  return `nuthatch ${version}: trained models, evaluated in JavaScript with the same answer as in Python.\n\n${lines.join('\n')}\n\n  nuthatch COMMAND --help explains a command. Errors are one line on stderr, with --json one JSON object.\n  Exit codes: 0 done, 1 a check failed, 2 usage, 3 bad input or model.\n`;
}

/** By its name: packages that are loaded may bring a library of their own. */
const isOwn = (error: unknown): error is NuthatchError =>
  error instanceof Error && error.name === 'NuthatchError';

/** Says on stderr what went wrong, and returns the exit code. */
function report(error: unknown, json: boolean): number {
  if (!isOwn(error)) throw error;
  const { code, path, message, problems } = error;
  process.stderr.write(
    json
      ? `${JSON.stringify({ error: { code, path, message, problems } })}\n`
      : `nuthatch: ${message.replaceAll('\n', '; ')} (${code})\n`,
  );
  return code === 'usage' ? exitCodes.usage : exitCodes.badInput;
}
