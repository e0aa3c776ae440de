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

/** Files of other formats, which every runtime converts to the same bytes: fixtures by the name that they are served as. */
export const imports = {
  'zlib.joblib': 'pickle/sklearn-1.9/forest.zlib.joblib',
  'deflated.skops': 'skops/boosted.deflated.skops',
  'lightgbm.txt': 'boosting/lightgbm-4.7.0/binary-categories-txt/model.txt',
  'xgboost.json': 'boosting/xgboost-3.2.0/reg-squarederror-categories-json/model.json',
  'xgboost.ubj': 'boosting/xgboost-3.2.0/multi-softprob-forest-ubj/model.ubj',
  'catboost.cbm': 'boosting/catboost-1.2.10/Logloss-another-threshold-cbm/model.cbm',
  'catboost.json': 'boosting/catboost-1.2.10/MultiClass-colors-json/model.json',
  'forest.pmml': 'pmml/forest/model.pmml',
  'forest.onnx': 'onnx/forest-three/model.onnx',
};

/**
 * Loads each model from `.nut` and from JSON, predicts its golden rows and compares, where that is due, with the answers in the file,
 * to the bit. The `.nut` written here from the JSON must be the one that Node wrote, and those of the other formats Node's, too. Runs unchanged in every runtime: it knows bytes,
 * not files.
 *
 * @param {(file: string) => Promise<Uint8Array>} read
 * @param {boolean} faster whether models from JSON use WebAssembly, too: where that is forbidden, answers are the same
 * @returns {Promise<{ values: number, differences: string[], digest: string }>} how many values were compared, and a digest of all
 *   numbers answered and of all files converted
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
  const { numbers, ...rest } = report;
  const written = await Promise.all(
    Object.keys(imports).map(async (file) => writeNut(await importModel(await read(file)))),
  );
  return { ...rest, digest: await digestOf([Float64Array.from(numbers), ...written]) };
}

async function digestOf(parts) {
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
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
