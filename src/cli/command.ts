import { type ParseArgsConfig, parseArgs } from 'node:util';
import { NuthatchError } from '../errors.js';

/** Exit codes: done, a check failed, wrong use, bad input or model. */
export const exitCodes = { done: 0, checkFailed: 1, usage: 2, badInput: 3 } as const;

/** One command of the command line. */
export interface Command {
  readonly name: string;
  /** The arguments, as shown in the list of commands. */
  readonly synopsis: string;
  /** One sentence. */
  readonly summary: string;
  /** What `--help` prints below synopsis and summary: options and examples. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** How many positional arguments it takes. */
  readonly positionals: readonly [least: number, most: number];
  /** Does the work and returns the exit code. */
  run(args: Arguments): Promise<number>;
}

/** Parsed arguments of one command. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** The value of an option with a value, null when absent. */
  text(name: string): string | null;
  /** All values of an option that may be repeated. */
  texts(name: string): readonly string[];
  flag(name: string): boolean;
}

/** Options that several commands share. */
export const sharedOptions = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  'allow-unproven-version': { type: 'boolean' },
} as const;

export function parseCommand(command: Command, argv: readonly string[]): Arguments {
  const config = {
    args: [...argv],
    options: { ...sharedOptions, ...command.options },
    allowPositionals: true,
  } as const;
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs(config);
  } catch (error) {
    throw usageError(command, (error as Error).message.split('. ')[0]!);
  }
  const { values, positionals } = parsed;
  const [least, most] = command.positionals;
  if (values.help !== true && (positionals.length < least || positionals.length > most)) {
    throw usageError(command, `expected ${command.synopsis}`);
  }
  return {
    positionals,
    text: (name) => (typeof values[name] === 'string' ? (values[name] as string) : null),
    texts: (name) => (Array.isArray(values[name]) ? (values[name] as string[]) : []),
    flag: (name) => values[name] === true,
  };
}

export function usageError(command: Command, message: string): NuthatchError {
  return new NuthatchError('usage', '', `${message}; see nuthatch ${command.name} --help`);
}

/** The value of an option that takes one of a few words. */
export function choice<T extends string>(
  command: Command,
  args: Arguments,
  name: string,
  choices: readonly T[],
): T | null {
  const value = args.text(name);
  if (value === null) return null;
  const found = choices.find((word) => word === value);
  if (found === undefined)
    throw usageError(
      command,
      `--${name} takes ${choices.join(', ')}, not ${JSON.stringify(value)}`,
    );
  return found;
}
