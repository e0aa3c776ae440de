import { type Command, exitCodes, usageError } from './command.js';
import { loadServer } from './load-server.js';
import { formatTable } from './print.js';

interface Replayed {
  readonly requests: number;
  readonly changed: number;
  readonly moved: number;
  readonly greatest: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What this command needs of the serving package. */
interface Server {
  replay(source: string, candidate: string, against: string | null): Promise<Replayed>;
}

export const replay: Command = {
  name: 'replay',
  synopsis: 'CAPTURE --model CANDIDATE [--against MODEL] [--json]',
  summary: 'Asks a candidate what a server was asked and kept, and counts the answers that differ.',
  help: `
  CAPTURE            a file, or a folder with files, of data capture: the server's own, or Amazon SageMaker's
  --model CANDIDATE  the model that is to answer
  --against MODEL    what its answers are compared with; default: the answers that were kept
  --tolerance N      how far a number may move; default 0
  --most-changed N   labels that may change; default 0
  --json             the counts, as one JSON object

Exit code 1 where more differs, or a request is refused by one of them alone.

Examples:
  nuthatch replay captured/ --model new.nut
  nuthatch replay captured/ --model new.nut --against old.nut --tolerance 0.01 --most-changed 5

It is in the package @nuthatch/server, installed apart.
`,
  options: {
    model: { type: 'string' },
    against: { type: 'string' },
    tolerance: { type: 'string' },
    'most-changed': { type: 'string' },
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
    const [tolerance, mostChanged] = [number('tolerance'), number('most-changed')];
    const server = await loadServer<Server>('replaying');
    const found = await server.replay(args.positionals[0]!, model, args.text('against'));
    process.stdout.write(args.flag('json') ? `${JSON.stringify(found)}\n` : `${describe(found)}\n`);
    const { changed, greatest, errors } = found;
    const isGood = changed <= mostChanged && greatest <= tolerance && errors === 0;
    return isGood ? exitCodes.done : exitCodes.checkFailed;
  },
};

const describe = (found: Replayed): string =>
  formatTable([
    ['requests', String(found.requests)],
    ['labels changed', String(found.changed)],
    ['numbers moved', `${found.moved}, by ${found.greatest} at most`],
    ['refused by one alone', String(found.errors)],
    ['latency', `${found.p50Ms.toFixed(3)} ms, of 99 in 100 ${found.p99Ms.toFixed(3)} ms at most`],
  ]);
