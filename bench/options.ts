import { parseArgs } from 'node:util';

export interface Options {
  readonly names: readonly string[];
  readonly python: boolean;
  readonly rounds: number;
  readonly json: string | null;
  readonly help: boolean;
}

/** How many rounds are enough for quartiles. */
const leastRounds = 5;

/** Reads the command line; throws an Error with a sentence. */
export function readOptions(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      python: { type: 'boolean', default: false },
      rounds: { type: 'string', default: String(leastRounds) },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < leastRounds)
    throw new Error(`--rounds takes a whole number from ${leastRounds} on, not ${values.rounds}`);
  const { python, help } = values;
  return { names: positionals, python, rounds, json: values.json ?? null, help };
}

export function formatHelp(families: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...families].map(
    ([family, trained]) => `  ${family.padEnd(16)}${trained.join(' ')}`,
  );
  return `npm run bench -- [NAME …] [options]         with Node only
npm run bench:python -- [NAME …] [options]  and with peers in Python and native code, and the goals

Without names, what takes about a minute; bench:python takes about ten, and as long once to train. Workloads, and the trained models of each that may be named
instead:
${lines.join('\n')}

  --rounds N   rounds in which every subject has its turn; ${leastRounds} or more
  --json FILE  writes every measurement: workload, mode (one, batch, load), subject, medianUsPerRow (µs per load for load),
               spread (half the distance between the quartiles, in percent of the median), ok, rows (of a call)
  -h, --help

Every subject's answers are checked before it is timed. A subject with wrong answers is not timed, and the exit code is 1.
Peers for Node are installed by npm ci --prefix bench.
`;
}
