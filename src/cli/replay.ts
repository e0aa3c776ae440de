import { basename } from 'node:path';
import { escapeControls } from '../errors.js';
import { writeWhole } from '../node.js';
import { type Command, exitCodes, usageError } from './command.js';
import { loadServer } from './load-package.js';
import { formatTable, plural } from './print.js';

interface Replayed {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly examples: readonly string[];
}

interface Outcome {
  readonly name: string;
  readonly found: string;
  readonly passed: boolean;
}

interface Limits {
  readonly tolerance: number;
  readonly mostChanged: number;
}

/** What this command needs of the serving package. */
interface Server {
  replay(
    source: string,
    candidate: string,
    against: string | null,
    tolerance: number,
  ): Promise<Replayed>;
  judgeReplay(found: Replayed, limits: Limits): readonly Outcome[];
  formatJunit(suite: string, outcomes: readonly Outcome[]): string;
}

export const replay: Command = {
  name: 'replay',
  synopsis: 'CAPTURE --model CANDIDATE [--against MODEL] [--junit OUT.xml] [--json]',
  summary: 'Asks a candidate what a server was asked and kept, and counts the answers that differ.',
  help: `
  CAPTURE            a file, or a folder with files, of data capture: the server's own, or Amazon SageMaker's
  --model CANDIDATE  the model that is to answer
  --against MODEL    what its answers are compared with; default: the answers that were kept
  --tolerance N      how far a number may move; default 0
  --most-changed N   labels that may change; default 0
  --junit OUT.xml    writes the outcomes for services that run tests
  --json             the counts and the first differences, as one JSON object

Exit code 1 where more differs, or a request is refused by one of them alone.

Examples:
  nuthatch replay captured/ --model new.nut
  nuthatch replay captured/ --model new.nut --against old.nut --tolerance 0.01 --most-changed 5
  nuthatch replay captured/ --model new.nut --junit report.xml

It is in the package @nuthatch/server, installed apart.
`,
  options: {
    model: { type: 'string' },
    against: { type: 'string' },
    tolerance: { type: 'string' },
    'most-changed': { type: 'string' },
    junit: { type: 'string' },
  },
  positionals: [1, 1],
  async run(args) {
    const model = args.text('model');
    if (model === null) throw usageError(replay, 'name a candidate with --model');
    const number = (name: string): number => {
      const text = args.text(name) ?? '0';
      if (!/^\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text))
        throw usageError(replay, `--${name} takes a number`);
      return Number(text);
    };
    const limits = { tolerance: number('tolerance'), mostChanged: number('most-changed') };
    const server = await loadServer<Server>('replaying');
    const [source, against] = [args.positionals[0]!, args.text('against')];
    const found = await server.replay(source, model, against, limits.tolerance);
    const outcomes = server.judgeReplay(found, limits);
    const junit = args.text('junit');
    if (junit !== null) await writeWhole(junit, server.formatJunit(basename(source), outcomes));
    process.stdout.write(
      args.flag('json') ? `${JSON.stringify(found)}\n` : `${describe(found, outcomes)}\n`,
    );
    return outcomes.every(({ passed }) => passed) ? exitCodes.done : exitCodes.checkFailed;
  },
};

function describe(
  { requests, p50Ms, p99Ms, examples }: Replayed,
  outcomes: readonly Outcome[],
): string {
  const latency = `${p50Ms.toFixed(3)} ms, of 99 in 100 ${p99Ms.toFixed(3)} ms at most`;
  const rows = outcomes.map(({ name, found, passed }) => [name, found, passed ? 'holds' : 'FAILS']);
  const table = formatTable([['expected', 'found', 'verdict'], ...rows, ['latency', latency, '']]);
  const others = examples.length === 0 ? [] : ['', 'the first that differ:', ...examples];
  return [
    plural(requests, 'request'),
    '',
    table,
    ...others.map((line) => escapeControls(line)),
  ].join('\n');
}
