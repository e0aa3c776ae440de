import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import {
  type Classifier,
  type Input,
  load,
  type Model,
  type ModelDescription,
  type ModelOptions,
  type MultiOutputClassifier,
  webAssembly,
} from '../src/index.js';
import type { GoldenMatrix, GoldenSet } from '../src/ir/index.js';
import {
  goldenTable,
  headOf,
  lastStep,
  type Node,
  type Pipeline,
  referenceCount,
  slotCount,
  storedRows,
  treeCount,
} from '../src/ir/index.js';
import { log } from '../src/math/log.js';
import { Matrix } from '../src/result.js';
import { verify } from '../src/verify.js';

/** Every folder below `fixtures/` that has a `case.json`: adding a folder adds a test. See fixtures/make.py. */
const folder = fileURLToPath(new URL('../fixtures/', import.meta.url));
const cases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('case.json'))
  .map((path) => dirname(join(folder, path)))
  .sort();

/** What Python knows about a model; facts about rows are about those of the golden set `rows`. */
interface Expected {
  readonly feature_names: string[] | null;
  readonly feature_names_out?: string[];
  readonly classes?: unknown[];
  readonly predict?: unknown[];
  readonly coefficients?: number[];
  /** Of a Gaussian density, or several. */
  readonly means?: number[];
  /** How many a naive Bayes has of features and classes. */
  readonly log_probabilities?: number;
  readonly intercept?: number | number[];
  readonly node_counts?: number[];
  readonly members?: number;
  /** Rows that it keeps to compare others with. */
  readonly references?: number;
  /** Outputs of each layer of a network. */
  readonly layers?: readonly number[];
  readonly depths?: number[];
  readonly leaves?: number[];
  readonly apply?: number[] | number[][];
  readonly decision_path_indptr?: number[];
  readonly decision_path_indices?: number[];
  readonly decision_path_tree_starts?: number[] | null;
}

test('there are fixtures of every version', () => {
  const folders = new Set(
    cases.map((path) => relative(folder, path).split(/[\\/]/).slice(0, -1).join('/')),
  );
  for (const minor of [1, 3, 5, 7, 9]) expect(folders).toContain(`models/sklearn-1.${minor}`);
});

describe.each(cases.map((path) => [relative(folder, path), path]))('%s', (_, path) => {
  const bytes = readFileSync(join(path, 'model.json'));
  const { expected, estimator, versions } = JSON.parse(
    readFileSync(join(path, 'case.json'), 'utf8'),
  ) as { expected: Expected; estimator: string; versions: Record<string, string> };

  test('answers as Python did, before it is written as .nut and after', async () => {
    const imported = await importModel(bytes);
    expect(imported.provenance.className).toBe(estimator);
    expect(imported.provenance.libraryVersion).toBe(versions['scikit-learn']);
    expect(imported.golden.map(({ name }) => name)).toContain('rows');
    checkGolden(imported);
    if (lastStep(imported.root).kind === 'trees')
      checkGolden(imported, { accelerator: webAssembly });
    const written = writeNut(imported);
    expect(equal(writeNut(imported), written)).toBe(true);
    const read = await importModel(written);
    checkGolden(read);
    expect(equal(writeNut(read), written)).toBe(true);
  });

  test('is what Python says it is', async () => {
    const imported = await importModel(bytes);
    const model = load(writeNut(imported));
    expect(model.featureNames).toEqual(expected.feature_names);
    const { input, outputs } = imported.golden.find(({ name }) => name === 'rows')!;
    // Golden sets have no raw scores, which scikit-learn does not offer, and no paths, which are sparse.
    const methods = model.methods.filter((name) => name !== 'raw' && name !== 'decision_path');
    expect([...methods].sort()).toEqual(outputs.map(({ method }) => method).sort());
    if (model.task === 'classifier') {
      expect(model.classes).toEqual(expected.classes);
      expect(model.predict(rowsOf(input, model.featureNames))).toEqual(expected.predict);
      checkLogarithms(model, rowsOf(input, model.featureNames));
    }
    const root = lastStep(model.description.root);
    if (model.task === 'transformer') {
      const found = model.transform(rowsOf(input, model.featureNames));
      const width = Array.isArray(found) ? found[0]!.length : found.cols;
      if (expected.feature_names_out !== undefined)
        expect(width).toBe(expected.feature_names_out.length);
      if (expected.apply !== undefined) {
        checkLeaves(model, input as GoldenMatrix, expected.apply);
        checkPaths(model, input as GoldenMatrix, expected);
      }
    } else if (expected.layers !== undefined) {
      const { steps } = model.description.root as Pipeline<Node>;
      const layers = steps.flatMap((step) => (step.kind === 'linear' ? step.outputs : []));
      expect(layers).toEqual(expected.layers);
    } else if (expected.references !== undefined) {
      expect(keptRows(model.description.root)).toBe(expected.references);
    } else if (root.kind === 'linear' && expected.coefficients !== undefined) {
      expect(Array.from(root.coefficients)).toEqual(expected.coefficients);
      // Without an intercept scikit-learn has one 0 for all outputs.
      const intercepts = [expected.intercept!].flat();
      const all = root.outputs === intercepts.length ? intercepts : Array(root.outputs).fill(0);
      expect(Array.from(root.intercepts)).toEqual(all);
    } else if (root.kind === 'gaussian') {
      expect(Array.from(root.means)).toEqual(expected.means);
    } else if (root.kind === 'linear' && expected.log_probabilities !== undefined) {
      expect(root.coefficients).toHaveLength(expected.log_probabilities);
    } else if (root.kind === 'ensemble') {
      const sizes = root.parts.map(({ node }) => {
        const last = lastStep(node);
        return last.kind === 'trees' ? slotCount(last) : 0;
      });
      if (expected.node_counts !== undefined) expect(sizes).toEqual(expected.node_counts);
      else expect(root.parts.length).toBe(expected.members);
    } else if (root.kind === 'scores' && estimator !== 'Pipeline') {
      const members = answering(model.description.root);
      const sizes = members.map((node) => (node.kind === 'trees' ? slotCount(node) : 0));
      if (expected.node_counts !== undefined) expect(sizes).toEqual(expected.node_counts);
      else expect(members).toHaveLength(expected.members ?? (ofNone.includes(estimator) ? 0 : 1));
    } else if (expected.members !== undefined) {
      const [union] = (model.description.root as Pipeline<Node>).steps;
      const parts = union!.kind === 'union' ? union!.parts : [];
      expect(parts.filter(({ node }) => node?.kind === 'answers')).toHaveLength(expected.members);
    } else if (root.kind === 'linear' || expected.node_counts === undefined) {
      // A part of another estimator, which itself has neither coefficients nor leaves.
      expect(wrappers).toContain(estimator);
      expect(model.methods).not.toContain('decision_path');
    } else if (root.kind === 'trees') {
      const sizes = Array.from(
        { length: treeCount(root) },
        (_, t) => root.starts[t + 1]! - root.starts[t]!,
      );
      expect(sizes).toEqual(expected.node_counts);
      expect(Array.from(root.depths)).toEqual(expected.depths);
      expect(sizes.map((size) => (size + 1) / 2)).toEqual(expected.leaves);
      if (expected.apply !== undefined) checkLeaves(model, input as GoldenMatrix, expected.apply);
      if (expected.decision_path_indptr !== undefined)
        checkPaths(model, input as GoldenMatrix, expected);
    } else {
      throw new Error(`no facts are checked of models of kind ${root.kind}`);
    }
  });
});

/** Estimators whose scores no other estimator answers for. */
const ofNone = ['DummyClassifier', 'DummyRegressor', 'IsotonicRegression'];

/** Estimators that answer as one that they hold does. */
const wrappers = [
  ...['Pipeline', 'RANSACRegressor', 'DummyRegressor', 'GridSearchCV', 'RandomizedSearchCV'],
  ...['HalvingGridSearchCV', 'HalvingRandomSearchCV', 'SelfTrainingClassifier', 'RFE', 'RFECV'],
  ...['FixedThresholdClassifier', 'TunedThresholdClassifierCV', 'FrozenEstimator'],
];

/** What answers for others in the steps of a pipeline, in their order: what scores of other steps say is no estimator of its own. */
function answering(root: Node): Node[] {
  const steps = root.kind === 'pipeline' ? root.steps : [];
  const nodes = steps.flatMap((step) =>
    step.kind === 'union' ? step.parts.map(({ node }) => node) : step,
  );
  return nodes
    .flatMap((node) => (node?.kind === 'answers' ? lastStep(node.node) : []))
    .filter(({ kind }) => kind !== 'scores');
}

/** Replays all golden sets, each of which must hold something. */
function checkGolden(description: ModelDescription, options: ModelOptions = {}): void {
  const comparisons = verify(description, description.golden, options);
  expect(comparisons.length).toBeGreaterThan(0);
  for (const { set, method, values, failures } of comparisons) {
    expect({ set, method, failures }).toEqual({ set, method, failures: [] });
    expect(values).toBeGreaterThan(0);
  }
}

function checkLeaves(model: Model, input: GoldenMatrix, expected: Expected['apply']): void {
  const leaves = model.apply!(matrixOf(input));
  expect(leaves instanceof Matrix ? leaves.toArray() : Array.from(leaves)).toEqual(expected);
}

/** The nodes that the first few rows pass. */
function checkPaths(model: Model, input: GoldenMatrix, expected: Expected): void {
  const rows = expected.decision_path_indptr!.length - 1;
  const paths = model.decisionPath!(matrixOf({ ...input, rows }));
  expect(Array.from(paths.indptr)).toEqual(expected.decision_path_indptr);
  expect(Array.from(paths.indices)).toEqual(expected.decision_path_indices);
  const starts = expected.decision_path_tree_starts ?? [0, expected.node_counts![0]!];
  expect(Array.from(paths.treeStarts)).toEqual(starts);
  expect([paths.rows, paths.cols]).toEqual([rows, starts.at(-1)]);
}

/** The rows of a golden set as a person would give them. */
function rowsOf(input: GoldenSet['input'], names: readonly string[] | null): Input {
  if (input.type === 'matrix') return matrixOf(input);
  return goldenTable(input, names) as Input;
}

/** Those of probabilities, where a head finds them of these: which `verify` takes of Python's own probabilities. */
function checkLogarithms(
  { predictProba, predictLogProba, description }: Classifier | MultiOutputClassifier,
  X: Input,
) {
  const head = headOf(description.root);
  if (!predictLogProba || head?.task !== 'classifier') return;
  if (head.logProbability === 'scores' || head.logProbability === 'parts') return;
  const found = [predictLogProba(X)].flat();
  [predictProba!(X)].flat().forEach(({ data }, output) => {
    const strays = found[output]!.data.filter((logarithm, i) => {
      const floors = head.logProbability === 'normal' ? [2 ** -126, 2 ** -1022] : [0];
      const exact = (data[i] === 0 ? floors : [data[i]!]).map(log);
      return ![...exact, ...exact.map(Math.fround)].includes(logarithm);
    });
    expect(Array.from(strays)).toEqual([]);
  });
}

/** The first `rows` rows of a golden set. */
function matrixOf({ data, rows, columns }: Pick<GoldenMatrix, 'data' | 'rows' | 'columns'>) {
  return { data: data.subarray(0, rows * columns), rows, cols: columns };
}

/** A comparison of bytes that is quick where `toEqual` is not. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** How many rows a model keeps to compare others with: those of the first step that has such. */
function keptRows(node: Node): number {
  switch (node.kind) {
    case 'pipeline':
      return (
        [node.beside ?? [], node.chooser ?? [], node.steps]
          .flat()
          .map(keptRows)
          .find((count) => count > 0) ?? 0
      );
    case 'kernel':
      return referenceCount(node);
    case 'neighbors':
      return storedRows(node);
    case 'linear':
      return node.outputs;
    default:
      return 0;
  }
}
