import { NuthatchError } from '../errors.js';
import { type Comparison, passed, verify as replay } from '../verify.js';
import { answersHelp, readGolden } from './answers-file.js';
import { type Command, exitCodes } from './command.js';
import { openModel } from './open-model.js';
import { formatCount, formatTable } from './print.js';

export const verify: Command = {
  name: 'verify',
  synopsis: 'MODEL [GOLDEN]',
  summary: 'Replays golden rows in this runtime; exit code 1 on any difference beyond its rule.',
  help: `
  GOLDEN    what to replay instead of the model's own golden rows: those of another model file, or a JSON file of rows with answers
  --json    the comparisons, as one JSON array

Rules: labels, leaf ids and sums over trees identical; logarithms within 1 step of float64, expit within 3,
softmax within 4; dot products within (8 + √n)·2⁻⁵³·Σ|xᵢwᵢ|.

Examples:
  nuthatch verify model.nut
  nuthatch verify model.nut newer-rows.json
  nuthatch verify model.joblib answers.json

Rows with answers, by the names of scikit-learn's methods, are written in Python:
  ${answersHelp}
`,
  options: {},
  positionals: [1, 2],
  async run(args) {
    const [path, other] = args.positionals;
    const { model } = await openModel(path!, args);
    const sets = other === undefined ? model.golden : await readGolden(other, model);
    if (sets.length === 0) {
      throw new NuthatchError(
        'usage',
        path!,
        'there are no golden rows to replay; give a file of rows with answers, or export the model with rows',
      );
    }
    const comparisons = replay(model, sets);
    process.stdout.write(
      args.flag('json')
        ? `${JSON.stringify(comparisons)}\n`
        : `${formatComparisons(comparisons)}\n`,
    );
    return passed(comparisons) ? exitCodes.done : exitCodes.checkFailed;
  },
};

export function formatComparisons(comparisons: readonly Comparison[]): string {
  const head = ['golden set', 'method', 'rows', 'values', 'identical', 'worst', 'verdict'];
  const rows = comparisons.map((c) => [
    c.set,
    c.method,
    formatCount(c.rows),
    formatCount(c.values),
    formatShare(c.identical, c.values),
    formatWorst(c),
    c.failed === 0 ? 'holds' : `${formatCount(c.failed)} DIFFER`,
  ]);
  const failures = comparisons.flatMap((c) =>
    c.failures.map(
      (f) =>
        `  ${c.set}, ${c.method}, row ${f.row}, column ${f.column}: expected ${f.expected}, found ${f.found}`,
    ),
  );
  return [formatTable([head, ...rows]), ...failures].join('\n');
}

/** Never rounded up to 100 %. */
function formatShare(part: number, whole: number): string {
  if (part === whole) return '100%';
  return `${(Math.floor((part / whole) * 1e4) / 100).toFixed(2)}%`;
}

function formatWorst({ rule, worst }: Comparison): string {
  if (worst === 0) return '–';
  return rule === 'bound' ? `${worst.toFixed(3)} of bound` : `${worst} ulp`;
}
