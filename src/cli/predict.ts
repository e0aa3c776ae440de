import { createHash } from 'node:crypto';
import { type MethodName, methodNames } from '../method-names.js';
import type { createModel, Model } from '../model.js';
import type { openModelFile, workerThreads } from '../node.js';
import { version } from '../version.js';
import { type Arguments, type Command, choice, exitCodes, usageError } from './command.js';
import { Interruption } from './interruption.js';
import { type Done, describeDone, type Summary, summarize } from './job-progress.js';
import { loadPackage } from './load-package.js';
import { Progress, plural } from './print.js';
import { showOpening } from './show-opening.js';

/** What this command needs of the package, and of the library, which is joined with it to few files. */
interface Batch {
  readonly createModel: typeof createModel;
  readonly openModelFile: typeof openModelFile;
  readonly workerThreads: typeof workerThreads;
  readonly formats: readonly string[];
  readonly errorRules: readonly string[];
  readName(path: string): { readonly format: string | null };
  predictFiles(options: object): Promise<Summary>;
}

/** Threads start first, and load what they run while this one does. */
interface Entry {
  startThreads(inputs: readonly string[], threads: number | null): readonly unknown[];
  loadCommand(): Promise<Batch>;
}

const methods = (Object.keys(methodNames) as MethodName[]).filter(
  (name) => name !== 'decision_path',
);

export const predict: Command = {
  name: 'predict',
  synopsis: 'MODEL INPUT... [--method M] [--to F] [--columns C] [-o OUT]',
  summary:
    'Predicts or transforms the rows of files of any size: CSV, JSON, NDJSON, Arrow, Parquet, or standard input (-).',
  help: `
  INPUT...            files, folders, patterns such as 'in/*.csv', or - for standard input; .gz, .br and .zst are decompressed
  --method M          ${methods.join(', ')};
                      several with commas; default predict, for models that only transform transform
  --columns C         columns of the input to write beside the answers: names with commas, or all
  --from F            csv, json, ndjson, arrow, arrow-stream or parquet; default: by the file's name, else by its first characters
  --to F              json (one array), ndjson, csv, arrow, arrow-stream or parquet; default: by the name of OUT, else json
  -o, --output OUT    a file instead of standard output; it appears when it is whole; CSV and JSON are compressed where it ends with .gz
                      or, from Node 22.15, .zst
  --on-error RULE     for rows that cannot be read or answered: stop (the default, exit code 3), reject (to a file), null (no answer)
  --rejects FILE      where bad rows go, with line and reason; default: OUT.rejects.ndjson
  --resume            continue OUT where a run that was interrupted or killed left it
  --threads N         threads, from 1 to 64, that share the model; default: as many as there are cores

Rows are arrays in the order of training, or records by feature name; of a DictVectorizer and its like, what it takes: records of
any features, or lists, in JSON. CSV files of models with feature names need a
header. null, an empty cell and, among numbers, NaN are missing. In JSON a non-finite result is null, in CSV a missing one
is an empty cell. Rows are read, answered and written in parts, in their order: memory does not grow with the input.
Messages count lines from 1 and rows from 0.

OUT is OUT.partial until it is whole, with a journal beside it. --resume makes of these what an undisturbed run makes, to the byte; it
refuses where the model, the inputs or the options have changed, and begins from the start where there is nothing to continue.

Examples:
  nuthatch predict model.nut rows.csv
  nuthatch predict model.nut rows.json --method predict_proba --to csv -o scores.csv
  nuthatch predict model.nut 'days/*.csv.gz' --columns id --method predict,predict_proba -o scores.csv
  nuthatch predict model.nut events.ndjson --on-error reject -o scores.ndjson
  nuthatch predict model.nut rows.csv -o scores.csv --resume
  nuthatch predict scaler.nut rows.csv --method transform -o scaled.csv
  nuthatch predict model.nut rows.feather --columns id -o scores.arrow
  nuthatch predict model.nut 'table/**/*.parquet' --columns id -o scores.parquet
  nuthatch predict model.nut - --from arrow-stream --to arrow-stream < rows.arrows > scores.arrows
  echo '[[5.1, 3.5, 1.4, 0.2]]' | nuthatch predict model.nut -

It is in the package @nuthatch/batch, installed apart.
`,
  options: {
    method: { type: 'string' },
    columns: { type: 'string' },
    from: { type: 'string' },
    'input-format': { type: 'string' },
    to: { type: 'string' },
    format: { type: 'string' },
    output: { type: 'string', short: 'o' },
    'on-error': { type: 'string' },
    rejects: { type: 'string' },
    resume: { type: 'boolean' },
    threads: { type: 'string' },
  },
  positionals: [2, Number.POSITIVE_INFINITY],
  async run(args) {
    const { loadCommand, startThreads } = await loadPackage<Entry>(
      '@nuthatch/batch',
      'predicting rows of files',
      '/command',
    );
    const [path, ...inputs] = args.positionals;
    const threads = args.text('threads') === null ? null : Number(args.text('threads'));
    const waiting = startThreads(inputs, threads);
    const batch = await loadCommand();
    const chosen = chooseMethods(args);
    const output = args.text('output');
    const format = (name: string) => choice(predict, args, name, batch.formats);
    const named = output === null ? null : batch.readName(output).format;
    const to = format('to') ?? format('format') ?? named ?? 'json';
    const from = format('from') ?? format('input-format');
    const onError = choice(predict, args, 'on-error', batch.errorRules) ?? 'stop';
    const columns = args.text('columns');
    const accelerator = batch.workerThreads;
    // Read to memory that threads share, and checked there.
    const { bytes, model: description } = await showOpening(args, (options) =>
      batch.openModelFile(path!, { ...options, accelerator }, accelerator.reserve),
    );
    const model = batch.createModel(description, { accelerator });
    for (const method of chosen ?? []) {
      if (model.methods.includes(method)) continue;
      const offered = model.methods.filter((name) => name !== 'decision_path').join(', ');
      throw usageError(
        predict,
        `a ${description.provenance.className} has no ${method}; it has ${offered}`,
      );
    }
    const progress = new Progress();
    const interruption = new Interruption();
    const started = performance.now();
    let first: { done: Done; at: number } | null = null;
    const summary = await batch
      .predictFiles({
        model,
        inputs,
        methods: chosen ?? [usualMethods[model.task]],
        columns: columns === null ? [] : columns === 'all' ? 'all' : columns.split(','),
        from,
        to,
        output,
        onError,
        rejects: args.text('rejects'),
        threads,
        started: waiting,
        resume: args.flag('resume'),
        fingerprint: output === null ? null : fingerprint(bytes, model),
        signal: interruption.signal,
        progress(done: Done) {
          interruption.begin();
          first ??= { done, at: performance.now() };
          const since = first;
          progress.update((width) =>
            describeDone(since.done, done, performance.now() - since.at, width),
          );
        },
      })
      .finally(() => {
        interruption.close();
        progress.clear();
      });
    if (interruption.exitCode !== null && summary.end !== 'done') {
      process.stderr.write(`nuthatch: interrupted; ${describeRest(summary, output)}\n`);
      return interruption.exitCode;
    }
    const line = summarize(summary, performance.now() - started);
    const again = args.flag('resume') && summary.resumed === 0 ? ', from the start' : '';
    if (output !== null) process.stdout.write(`${line}${again} → ${output}\n`);
    else if (process.stderr.isTTY || summary.rejected > 0) process.stderr.write(`${line}\n`);
    return exitCodes.done;
  },
};

/** What tells a model, and this release, from others. */
const fingerprint = (bytes: Uint8Array, { featureNames }: Model): string =>
  createHash('sha256')
    .update(bytes)
    .update(JSON.stringify([version, featureNames]))
    .digest('hex');

/** What there is of an output that has no end. */
function describeRest({ rows, end }: Summary, output: string | null): string {
  if (output === null) return `${plural(rows, 'row')} were read`;
  return end === 'resumable'
    ? `${plural(rows, 'row')} are in ${output}.partial: the same command with --resume continues from there`
    : 'nothing was written';
}

function chooseMethods(args: Arguments): MethodName[] | null {
  const given = args.text('method');
  if (given === null) return null;
  return given.split(',').map((name) => {
    const found = methods.find((method) => method === name);
    if (found !== undefined) return found;
    throw usageError(predict, `--method takes ${methods.join(', ')}, not ${JSON.stringify(name)}`);
  });
}

/** What a model is asked where nothing else is said. */
const usualMethods: Readonly<Record<Model['task'], MethodName>> = {
  classifier: 'predict',
  regressor: 'predict',
  transformer: 'transform',
  density: 'score_samples',
};
