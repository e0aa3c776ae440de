import { NuthatchError } from '../errors.js';
import { version } from '../version.js';
import { check } from './check.js';
import { type Command, exitCodes, parseCommand } from './command.js';
import { convert } from './convert.js';
import { exportCommand } from './export.js';
import { inspect } from './inspect.js';
import { predict } from './predict.js';
import { replay } from './replay.js';
import { serve } from './serve.js';
import { verify } from './verify.js';

/** One line for each command. */
const commands: readonly Command[] = [
  inspect,
  convert,
  predict,
  verify,
  check,
  replay,
  serve,
  exportCommand,
];

/** Runs a command, says on stderr what goes wrong, and returns the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    return await runCommand(argv);
  } catch (error) {
    return report(error, argv.includes('--json'));
  }
}

async function runCommand(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return name === undefined ? exitCodes.usage : exitCodes.done;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`nuthatch ${version}\n`);
    return exitCodes.done;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const names = commands.map((candidate) => candidate.name).join(', ');
    throw new NuthatchError(
      'usage',
      '',
      `there is no command ${JSON.stringify(name)}; there are ${names}`,
    );
  }
  const args = parseCommand(command, rest);
  if (args.flag('help')) {
    process.stdout.write(
      `nuthatch ${command.name} ${command.synopsis}\n\n${command.summary}\n${command.help}`,
    );
    return exitCodes.done;
  }
  return command.run(args);
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(
    ({ name, synopsis, summary }) =>
      `  nuthatch ${name.padEnd(width)} ${synopsis}\n  ${' '.repeat(width + 10)}${summary}`,
  );
  return `nuthatch ${version}: trained models, evaluated in JavaScript with the same answer as in Python.\n\n${lines.join('\n')}\n\n  nuthatch COMMAND --help explains a command. Errors are one line on stderr, with --json one JSON object.\n  Exit codes: 0 done, 1 a check failed, 2 usage, 3 bad input or model.\n`;
}

/** Says on stderr what went wrong, and returns the exit code. */
export function report(error: unknown, json: boolean): number {
  if (!(error instanceof NuthatchError)) {
    // A reader that closed the pipe has seen enough.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return exitCodes.done;
    throw error;
  }
  const { code, path, message, problems } = error;
  process.stderr.write(
    json
      ? `${JSON.stringify({ error: { code, path, message, problems } })}\n`
      : `nuthatch: ${message.replaceAll('\n', '; ')} (${code})\n`,
  );
  return code === 'usage' ? exitCodes.usage : exitCodes.badInput;
}
