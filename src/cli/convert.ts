import { basename } from 'node:path';
import type { Input } from '../input/read.js';
import type { ModelDescription } from '../ir/index.js';
import { createModel, type Model } from '../model.js';
import { saveFile } from '../node.js';
import { collectReference } from '../reference.js';
import { passed, verify } from '../verify.js';
import { answersHelp, readGolden } from './answers-file.js';
import { type Arguments, type Command, exitCodes, usageError } from './command.js';
import { loadPackage } from './load-package.js';
import { openModel } from './open-model.js';
import { formatBytes, plural } from './print.js';
import { summarize } from './summary.js';
import { formatComparisons } from './verify.js';

/** What this command needs of the package. */
interface Batch {
  readRows(model: Model, path: string): Promise<Input>;
}

export const convert: Command = {
  name: 'convert',
  synopsis: 'MODEL -o OUT.nut',
  summary: 'Converts any supported format to .nut, replays its golden rows, and says what it did.',
  help: `
  -o, --output OUT          where to write; default: the model's name with .nut
  --golden GOLDEN           rows with the answers that Python gave, to replay and to keep in the file
  --reference ROWS          keep statistics of these training rows, which drift is measured against: a file as nuthatch predict reads
                            them, by the package @nuthatch/batch, installed apart
  --covers                  keep training weights of all nodes (for explanations; 8 bytes a node)
  --note KEY=VALUE          keep a note in the file; may be repeated
  --allow-unproven-version  accept a library version that this release was not proved on

Nothing is written where the golden rows do not hold (exit code 1).

Examples:
  nuthatch convert model.joblib -o model.nut
  nuthatch convert model.json --note owner=risk-team
  nuthatch convert model.ubj --golden answers.json
  nuthatch convert model.joblib --reference train.csv

Rows with answers, by the names of scikit-learn's methods, are written in Python:
  ${answersHelp}
`,
  options: {
    output: { type: 'string', short: 'o' },
    golden: { type: 'string' },
    reference: { type: 'string' },
    covers: { type: 'boolean' },
    note: { type: 'string', multiple: true },
  },
  positionals: [1, 1],
  async run(args) {
    const source = args.positionals[0]!;
    const output =
      args.text('output') ??
      `${source.replace(/\.gz$/, '').replace(/\.(json|nut|joblib|pkl|pickle|skops|txt|model|lgb|ubj|xgb|onnx)$/, '')}.nut`;
    if (output === source)
      throw usageError(convert, 'the output is the model itself; name another with -o');
    const { bytes, model: found } = await openModel(source, args, readNotes(args));
    const golden = args.text('golden');
    const given = golden === null ? [] : await readGolden(golden, found);
    const training = args.text('reference');
    const model = {
      ...found,
      golden: [...found.golden, ...given],
      reference: training === null ? found.reference : await countRows(found, training),
    };
    const comparisons = verify(model);
    if (!passed(comparisons)) {
      process.stderr.write(
        `${formatComparisons(comparisons)}\nnuthatch: golden rows do not hold in this runtime; nothing was written\n`,
      );
      return exitCodes.checkFailed;
    }
    const nut = await saveFile(model, output);
    const { trees, nodes, provenance } = summarize(nut, model);
    const size = trees === null ? '' : `, ${plural(trees, 'tree')}, ${plural(nodes!, 'node')}`;
    const replayed = comparisons.reduce((sum, { values }) => sum + values, 0);
    process.stdout.write(
      `${basename(source)} (${provenance.format}, ${provenance.library} ${provenance.libraryVersion}, ${provenance.className}${size})\n` +
        `→ ${output}, ${formatBytes(nut.length)} (was ${formatBytes(bytes.length)})\n` +
        `${replayed === 0 ? 'no golden rows to replay (see --golden)' : `${plural(replayed, 'golden value')} replayed, all hold`}\n`,
    );
    return exitCodes.done;
  },
};

async function countRows(found: ModelDescription, path: string) {
  const batch = await loadPackage<Batch>('@nuthatch/batch', 'reading training rows');
  const model = createModel(found);
  return { ...collectReference(model, await batch.readRows(model, path)) };
}

function readNotes(args: Arguments): Record<string, string> {
  const notes: Record<string, string> = Object.create(null);
  for (const note of args.texts('note')) {
    const at = note.indexOf('=');
    if (at < 1) throw usageError(convert, `--note takes KEY=VALUE, not ${JSON.stringify(note)}`);
    notes[note.slice(0, at)] = note.slice(at + 1);
  }
  return notes;
}
