import { createModel, load, webAssembly } from 'nuthatch';
import { importModel, writeNut } from 'nuthatch/import';

/**
 * The models that every runtime loads, as `<name>.nut` and `<name>.json`. Votes of trees are Python's to the bit. A dot product is
 * not, since Python sums in another order: those models, of expit, softmax and logarithms, must answer the same in every runtime.
 */
export const models = {
  demo: { folder: 'demo', asPython: true },
  binary: { folder: 'models/sklearn-1.9/logistic-liblinear', asPython: false },
  multinomial: { folder: 'models/sklearn-1.9/logistic-saga', asPython: false },
};

/** One estimator, as joblib compresses it and as it is exported. */
export const flowers = { 'flowers.joblib': 'forest.zlib.joblib', 'flowers.json': 'forest.json' };

/**
 * Loads each model from `.nut` and from JSON, predicts its golden rows and compares, where that is due, with the answers in the file,
 * to the bit. The `.nut` written here from the JSON must be the one that Node wrote. Runs unchanged in every runtime: it knows bytes,
 * not files.
 *
 * @param {(file: string) => Promise<Uint8Array>} read
 * @param {boolean} faster whether models from JSON use WebAssembly, too: where that is forbidden, answers are the same
 * @returns {Promise<{ values: number, differences: string[], digest: string }>} how many values were compared, and a digest of all
 *   numbers answered
 */
export async function replayGolden(read, faster) {
  const report = { values: 0, differences: [], numbers: [] };
  for (const [name, { asPython }] of Object.entries(models)) {
    const nut = await read(`${name}.nut`);
    // `load` keeps what predictions need; the importer also reads the golden rows of a .nut file.
    replay(`${name}.nut`, asPython, load(nut), (await importModel(nut)).golden, report);
    const description = await importModel(await read(`${name}.json`));
    const before = report.numbers.length;
    replay(`${name}.json`, asPython, createModel(description), description.golden, report);
    if (faster) {
      const model = createModel(description, { accelerator: webAssembly });
      const again = { ...report, numbers: [] };
      replay(`${name}.json, faster`, asPython, model, description.golden, again);
      const portable = report.numbers.slice(before);
      if (!portable.every((number, i) => Object.is(number, again.numbers[i])))
        report.differences.push(`${name}.json: WebAssembly answers otherwise`);
    }
    const written = writeNut(description);
    if (written.length !== nut.length || written.some((byte, i) => byte !== nut[i]))
      report.differences.push(`${name}.json: the .nut written from it differs from Node's`);
  }
  const [found, expected] = await Promise.all(
    Object.keys(flowers).map(async (file) => withoutSource(await importModel(await read(file)))),
  );
  if (found.length !== expected.length || found.some((byte, i) => byte !== expected[i]))
    report.differences.push(
      'flowers.joblib: the .nut written from it differs from that of the export',
    );
  const { numbers, ...rest } = report;
  return { ...rest, digest: await digestOf(Float64Array.from(numbers)) };
}

const withoutSource = (model) =>
  writeNut({ ...model, provenance: { ...model.provenance, format: '', digest: null, time: null } });

async function digestOf(numbers) {
  const digest = await crypto.subtle.digest('SHA-256', numbers);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const methods = {
  predict: 'predict',
  predict_proba: 'predictProba',
  predict_log_proba: 'predictLogProba',
};

function replay(source, asPython, model, sets, report) {
  if (sets.length === 0) throw new Error(`${source}: there are no golden rows`);
  for (const { name, input, outputs } of sets) {
    const X = { data: input.data, rows: input.rows, cols: input.columns };
    for (const [golden, method] of Object.entries(methods)) {
      const output = outputs.find((candidate) => candidate.method === golden);
      if (output === undefined) throw new Error(`${source}: golden set ${name} has no ${golden}`);
      const answer = model[method](X);
      const found = answer.data ?? answer;
      // One by one: spread arguments have a limit.
      for (const value of found) if (typeof value === 'number') report.numbers.push(value);
      if (asPython) compare(`${source}, ${name}, ${method}`, found, output.parts[0].values, report);
    }
  }
}

function compare(place, found, expected, report) {
  if (found.length !== expected.length) {
    report.differences.push(`${place}: ${found.length} values, expected ${expected.length}`);
    return;
  }
  for (let i = 0; i < expected.length; i++) {
    report.values++;
    // Tells −0 from 0.
    if (!Object.is(found[i], expected[i]))
      report.differences.push(`${place}, value ${i}: ${found[i]}, expected ${expected[i]}`);
  }
}
