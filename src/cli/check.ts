import { basename } from 'node:path';
import { writeWhole } from '../node.js';
import { type Command, exitCodes, usageError } from './command.js';
import { loadServer } from './load-package.js';
import { formatTable } from './print.js';

interface Outcome {
  readonly name: string;
  readonly found: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** What this command needs of the serving package. */
interface Server {
  checkModel(model: string, suite: string): Promise<readonly Outcome[]>;
  formatJunit(suite: string, outcomes: readonly Outcome[]): string;
}

export const check: Command = {
  name: 'check',
  synopsis: 'MODEL --suite SUITE [--junit OUT.xml] [--json]',
  summary:
    'Asks a model for all that a suite expects of it; exit code 1 where something does not hold.',
  help: `
  --suite SUITE    what is expected, as YAML or JSON
  --junit OUT.xml  writes the outcomes for services that run tests
  --json           the outcomes, as one JSON array

A suite holds any of these; data is a CSV file with names of columns, found from the suite on:
  data: holdout.csv
  label: survived                                    the column with the right answers
  golden: true                                       there are golden rows, and they hold
  metrics: {accuracy: {least: 0.8}, log_loss: {most: 0.5}}      also f1 (macro), roc_auc; r2, mae, rmse
  invariance: [{columns: [name]}]                    what other rows have there must not change an answer
  direction: [{column: fare, by: 10, never: lower}]  class: NAME says whose probability, of several
  latency: {p99Ms: 1}                                of one row
  size: {mostBytes: 1000000}

Examples:
  nuthatch check model.nut --suite suite.yaml
  nuthatch check model.joblib --suite suite.json --junit report.xml

It is in the package @nuthatch/server, installed apart.
`,
  options: { suite: { type: 'string' }, junit: { type: 'string' } },
  positionals: [1, 1],
  async run(args) {
    const suite = args.text('suite');
    if (suite === null) throw usageError(check, 'name a suite with --suite');
    const { checkModel, formatJunit } = await loadServer<Server>('checking');
    const outcomes = await checkModel(args.positionals[0]!, suite);
    const junit = args.text('junit');
    if (junit !== null) await writeWhole(junit, formatJunit(basename(suite), outcomes));
    process.stdout.write(
      args.flag('json') ? `${JSON.stringify(outcomes)}\n` : `${describe(outcomes)}\n`,
    );
    return outcomes.every(({ passed }) => passed) ? exitCodes.done : exitCodes.checkFailed;
  },
};

function describe(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return 'the suite expects nothing';
  return formatTable([
    ['expected', 'found', 'verdict'],
    ...outcomes.map(({ name, found, passed }) => [name, found, passed ? 'holds' : 'FAILS']),
  ]);
}
