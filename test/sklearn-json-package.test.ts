import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import type { ModelDescription, NuthatchError } from '../src/index.js';
import type { GoldenPart, GoldenSet } from '../src/ir/index.js';
import { verify } from '../src/verify.js';

/**
 * Every folder below fixtures/sklearn-json-package: a file that the package wrote under some version of scikit-learn, and what Python
 * answered. See make.py there.
 */
const folder = fileURLToPath(new URL('../fixtures/sklearn-json-package/', import.meta.url));
const cases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('answers.json'))
  .map((path) => dirname(join(folder, path)))
  .sort();

interface Answers {
  readonly estimator: string;
  readonly versions: Readonly<Record<string, string>>;
  /** None where the class is one to refuse. */
  readonly sets: readonly AnswerSet[];
}

interface AnswerSet {
  readonly name: string;
  readonly dtype: 'float64' | 'float32';
  readonly rows: readonly (readonly (number | null)[])[];
  readonly outputs: Readonly<Record<string, readonly Answer[]>>;
}

type Scalar = number | string | boolean;
type Answer = Scalar | readonly Scalar[];

test('there are files of every version that the package works with', () => {
  const versions = new Set(cases.map((path) => relative(folder, dirname(path))));
  expect([...versions]).toEqual(['sklearn-0.21', 'sklearn-0.24', 'sklearn-1.2', 'sklearn-1.3']);
});

const named = cases.map((path) => ({
  name: relative(folder, path),
  bytes: readFileSync(join(path, 'model.json')),
  answers: JSON.parse(readFileSync(join(path, 'answers.json'), 'utf8')) as Answers,
}));

test.each(named.filter(({ answers }) => answers.sets.length > 0))(
  '$name answers as Python did, as .nut too',
  async ({ bytes, answers }) => {
    const { estimator, versions, sets } = answers;
    const imported = await importModel(bytes);
    const { className, libraryVersion, format } = imported.provenance;
    expect(className).toBe(writtenAs[estimator] ?? estimator);
    expect(libraryVersion).toBe(knownVersion(imported, versions['scikit-learn']!));
    expect(format).toBe('sklearn-json-package');
    const written = writeNut(imported);
    const read = await importModel(written);
    expect(Buffer.compare(writeNut(read), written)).toBe(0);
    for (const model of [imported, read]) for (const set of sets) check(model, set);
  },
);

test.each(named.filter(({ answers }) => answers.sets.length === 0))(
  '$name is refused by its name',
  async ({ bytes, answers }) => {
    const error = (await importModel(bytes).catch((caught) => caught)) as NuthatchError;
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(`${answers.estimator} as sklearn-json writes it is not`);
  },
);

/** Classes that the package writes as it writes their parents. */
const writtenAs: Readonly<Record<string, string>> = {
  ExtraTreeClassifier: 'DecisionTreeClassifier',
  ExtraTreeRegressor: 'DecisionTreeRegressor',
};

/** What a file says of its version. */
function knownVersion({ root }: ModelDescription, version: string): string {
  if (root.kind !== 'trees') return '1.3 or older';
  return version.startsWith('1.3') ? '1.3' : '1.2 or older';
}

function check(model: ModelDescription, set: AnswerSet): void {
  // The file does not say whether such a tree takes NaN; this one did.
  if (set.name === 'missing' && model.provenance.className === 'DecisionTreeRegressor') {
    expect(() => verify(model, [toGolden(set)])).toThrow(
      expect.objectContaining({ code: 'input-not-finite' }),
    );
    return;
  }
  const comparisons = verify(model, [toGolden(set)]);
  expect(comparisons.map(({ method }) => method)).toEqual(Object.keys(set.outputs));
  for (const { method, values, failures } of comparisons) {
    expect({ set: set.name, method, failures }).toEqual({ set: set.name, method, failures: [] });
    expect(values).toBeGreaterThan(0);
  }
}

function toGolden({ name, dtype, rows, outputs }: AnswerSet): GoldenSet {
  const values = rows.flat().map((value) => value ?? Number.NaN);
  const data = dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
  return {
    name,
    input: { type: 'matrix', rows: rows.length, columns: rows[0]!.length, data },
    outputs: Object.entries(outputs).map(([method, answer]) => ({
      method,
      list: false,
      parts: [toPart(answer)],
    })),
    environment: {},
  };
}

function toPart(answer: readonly Answer[]): GoldenPart {
  const [first] = answer;
  const shape = Array.isArray(first) ? [answer.length, first.length] : [answer.length];
  return { shape, values: toValues(answer.flat() as Scalar[]), strings: null };
}

/** As golden rows have them: booleans are bytes. */
function toValues(answers: Scalar[]): GoldenPart['values'] {
  if (answers.every((value) => typeof value === 'string')) return answers;
  if (answers.every((value) => typeof value === 'boolean')) return Uint8Array.from(answers, Number);
  return Float64Array.from(answers as number[]);
}
