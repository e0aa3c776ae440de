import { NuthatchError } from '../errors.js';
import { answers, outputOf, typeOfInput } from '../ir/index.js';
import { createModel, type MethodName, type Model, methodNames, type Parallel } from '../model.js';
import { workerThreads, writeWhole } from '../node.js';
import { Matrix, SparseMatrix } from '../result.js';
import { type Command, choice, exitCodes, usageError } from './command.js';
import { csvCell } from './csv.js';
import { openModel } from './open-model.js';
import { formatCount, Progress } from './print.js';
import { inputFormats, readRows } from './read-rows.js';

const outputFormats = ['json', 'ndjson', 'csv'] as const;
type OutputFormat = (typeof outputFormats)[number];
const methods = (Object.keys(methodNames) as MethodName[]).filter(
  (name) => name !== 'decision_path',
);

export const predict: Command = {
  name: 'predict',
  synopsis: 'MODEL INPUT [--method M] [--format json|ndjson|csv] [--threads N] [-o OUT]',
  summary:
    'Predicts or transforms the rows of a .csv, .json or .ndjson file, or of standard input (-).',
  help: `
  --method M          ${methods.join(', ')};
                      default predict, for models that only transform transform
  --format F          json (one array, the default), ndjson or csv
  --input-format F    ${inputFormats.join(', ')}; default: by the file's name, else by its first characters
  --threads N         worker threads, from 1 to 64, that share the model: worth their start for large forests and many rows
  -o, --output OUT    a file instead of standard output; its ending chooses the format

Rows are arrays in the order of training, or records by feature name; of a DictVectorizer and its like, what it takes: records of
any features, or lists, in JSON. CSV files of models with feature names need a
header. null, an empty cell and, among numbers, NaN are missing. In JSON a non-finite result is null, in CSV a missing one
is an empty cell. Messages count rows from 0.

Examples:
  nuthatch predict model.nut rows.csv
  nuthatch predict model.nut rows.json --method predict_proba --format csv -o scores.csv
  nuthatch predict scaler.nut rows.csv --method transform -o scaled.csv
  echo '[[5.1, 3.5, 1.4, 0.2]]' | nuthatch predict model.nut -
`,
  options: {
    method: { type: 'string' },
    format: { type: 'string' },
    'input-format': { type: 'string' },
    threads: { type: 'string' },
    output: { type: 'string', short: 'o' },
  },
  positionals: [2, 2],
  async run(args) {
    const [path, input] = args.positionals;
    const chosen = choice(predict, args, 'method', methods);
    const output = args.text('output');
    const format = choice(predict, args, 'format', outputFormats) ?? formatOf(output);
    const inputFormat = choice(predict, args, 'input-format', inputFormats);
    const { model: description } = await openModel(path!, args);
    const model = createModel(description, { accelerator: workerThreads });
    const method = chosen ?? usualMethods[model.task];
    if (!model.methods.includes(method)) {
      const offered = model.methods.filter((name) => name !== 'decision_path').join(', ');
      throw usageError(
        predict,
        `a ${description.provenance.className} has no ${method}; it has ${offered}`,
      );
    }
    const rows = await readRows(input!, inputFormat, description.input);
    const threads = args.text('threads');
    const many = threads === null ? null : await model.parallel({ threads: Number(threads) });
    try {
      const chunks = formatAnswers(model, many ?? model, method, rows, format);
      let whole = '';
      for await (const chunk of chunks) {
        if (output === null) await writeOut(chunk);
        else whole += chunk;
      }
      if (output !== null) await writeWhole(output, whole);
    } finally {
      await many?.close();
    }
    return exitCodes.done;
  },
};

function formatOf(output: string | null): OutputFormat {
  const ending =
    output === null ? undefined : /\.(csv|json|ndjson)$/i.exec(output)?.[1]?.toLowerCase();
  return (ending as OutputFormat | undefined) ?? 'json';
}

/** Standard output at its reader's pace. */
function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

const chunkRows = 16_384;

/** The answers as text, a chunk of rows at a time. Bad rows are named by their place in the whole input. */
async function* formatAnswers(
  model: Model,
  answering: Model | Parallel<Model>,
  method: MethodName,
  rows: readonly unknown[],
  format: OutputFormat,
): AsyncGenerator<string> {
  const progress = new Progress();
  const started = Date.now();
  // Nothing is printed before the first rows were found good.
  let head = format === 'csv' ? `${header(model, method).map(csvCell).join(',')}\n` : '';
  if (format === 'csv' && rows.length === 0) yield head;
  for (let start = 0; start < rows.length; start += chunkRows) {
    const answers = await answer(answering, method, rows.slice(start, start + chunkRows), start);
    const lines = answers.map((value) =>
      format === 'csv' ? csvLine(value) : JSON.stringify(value),
    );
    if (format === 'json') yield (start === 0 ? '[' : ',') + lines.join(',');
    else yield head + lines.map((line) => `${line}\n`).join('');
    head = '';
    const done = start + answers.length;
    progress.update(
      () =>
        `${formatCount(done)} of ${formatCount(rows.length)} rows, ${formatCount(Math.round((done / (Date.now() - started + 1)) * 1000))} rows/s`,
    );
  }
  progress.clear();
  if (format === 'json') yield rows.length === 0 ? '[]\n' : ']\n';
}

type Answer = number | string | boolean | null | Answer[];

/** One plain value a row. */
async function answer(
  model: Model | Parallel<Model>,
  method: MethodName,
  rows: readonly unknown[],
  start: number,
): Promise<Answer[]> {
  const run = (model as unknown as Record<string, (X: unknown) => unknown>)[methodNames[method]]!;
  try {
    return perRow(await run(rows));
  } catch (error) {
    throw start === 0 ? error : shifted(error, start);
  }
}

function perRow(result: unknown): Answer[] {
  if (result instanceof Matrix || result instanceof SparseMatrix) return result.toArray();
  if (Array.isArray(result) && result[0] instanceof Matrix) {
    const outputs = result.map((matrix: Matrix) => matrix.toArray());
    return outputs[0]!.map((_, row) => outputs.map((output) => output[row]!));
  }
  return Array.from(result as ArrayLike<Answer>);
}

/** Rows of a chunk are counted from its start; people count from the file's. */
function shifted(error: unknown, start: number): unknown {
  if (!(error instanceof NuthatchError)) return error;
  const move = (text: string) =>
    text.replace(/^row (\d+)/, (_, row: string) => `row ${Number(row) + start}`);
  const { code, path, message } = error;
  return new NuthatchError(
    code,
    move(path),
    path === '' ? message : message.slice(path.length + 2),
  );
}

function csvLine(value: Answer): string {
  return (Array.isArray(value) ? (value as unknown[]).flat(2) : [value]).map(csvCell).join(',');
}

/** What a model is asked where nothing else is said. */
const usualMethods = {
  classifier: 'predict',
  regressor: 'predict',
  transformer: 'transform',
  density: 'score_samples',
} as const;

/** The names of CSV columns: what the answers of one row mean. */
function header(model: Model, method: MethodName): string[] {
  const numbered = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${name}_${i}`);
  if (model.task === 'classifier') {
    if (method === 'predict')
      return model.multiOutput ? numbered('prediction', model.classes.length) : ['prediction'];
    if (method === 'predict_proba' || method === 'predict_log_proba') {
      return model.multiOutput
        ? model.classes.flatMap((classes, k) => classes.map((label) => `${k}_${label}`))
        : model.classes.map(String);
    }
  }
  const width = columnsOf(model, method);
  return width === 1
    ? [method === 'predict' ? 'prediction' : method]
    : numbered(method === 'predict' ? 'prediction' : method, width);
}

/** Columns of a method's answer. */
function columnsOf(model: Model, method: MethodName): number {
  const { root, input } = model.description;
  if (method === 'transform' && !answers(root)) {
    return outputOf(root, typeOfInput(input), 'model', Number.POSITIVE_INFINITY).columns;
  }
  const run = (model as unknown as Record<string, (X: unknown) => unknown>)[methodNames[method]]!;
  const result = run([]) as Matrix | ArrayLike<unknown>;
  return result instanceof Matrix ? result.cols : 1;
}
