import {
  columnsOf,
  defaultLimits,
  type GoldenOutput,
  type Head,
  holdsStrings,
  inputColumns,
  isItemForm,
  type ModelDescription,
  validateModel,
} from '../../src/ir/index.js';
import { type PackOptions, packTrees, type SourceTree } from '../../src/ir/pack-trees.js';
import { createModel } from '../../src/model.js';
import { Matrix, SparseMatrix } from '../../src/result.js';
import { drawItems, goldenItems } from './items.js';
import { Random } from './random.js';
import { smallTransformers } from './transformers.js';

/** Small models of every kind the format knows, drawn from seeds. */

interface TreeShape {
  readonly features: number;
  readonly leafColumns: number;
  readonly splits: number;
  readonly sets?: number;
  /** Node numbers in no particular order, so that `nodeIds` is written. */
  readonly shuffled?: boolean;
  readonly precision?: 'float32' | 'float64';
}

/** A random binary tree with the given number of splits. */
export function drawTree(random: Random, shape: TreeShape): SourceTree {
  const size = shape.splits * 2 + 1;
  const left = new Array<number>(size).fill(-1);
  const right = new Array<number>(size).fill(-1);
  const names = Array.from({ length: size }, (_, i) => i);
  if (shape.shuffled === true) {
    for (let i = size - 1; i > 1; i--) {
      const j = 1 + random.below(i);
      [names[i], names[j]] = [names[j]!, names[i]!];
    }
  }
  let next = 1;
  const free = [0];
  for (let split = 0; split < shape.splits; split++) {
    const node = free.splice(random.below(free.length), 1)[0]!;
    left[node] = names[next]!;
    right[node] = names[next + 1]!;
    free.push(names[next]!, names[next + 1]!);
    next += 2;
  }
  const categorical = Array.from({ length: size }, () =>
    shape.sets !== undefined && random.next() < 0.5 ? 1 : 0,
  );
  const round = shape.precision === 'float64' ? (value: number) => value : Math.fround;
  return {
    left,
    right,
    feature: Array.from({ length: size }, () => random.below(shape.features)),
    threshold: categorical.map((set) =>
      set === 1 ? random.below(shape.sets!) : round(random.next() * 4 - 2),
    ),
    missingLeft: Array.from({ length: size }, () => random.below(2)),
    categorical: shape.sets === undefined ? null : categorical,
    values: Float64Array.from(
      { length: size * shape.leafColumns },
      () => random.below(8) / 8 + 0.125,
    ),
    covers: Array.from({ length: size }, () => 1 + random.below(100)),
    path: 'tree',
  };
}

const provenance = {
  library: 'none',
  libraryVersion: '0',
  className: 'Small',
  format: 'test',
  digest: `sha256:${'0'.repeat(64)}`,
  time: '2024-01-01T00:00:00Z',
  nuthatch: '0.1.0',
  metadata: { owner: 'test', __proto__x: 'y' },
};

const rest = {
  treeOutputs: null,
  treeWeights: null,
  base: null,
  aggregation: 'sum',
  divisor: null,
  isolation: null,
  paths: null,
  pathsMissing: null,
  pathsNonFinite: null,
  nonFinite: 'refuse',
} as const;

interface ForestShape extends TreeShape {
  readonly trees: number;
  readonly keepIds?: boolean;
  readonly keepCovers?: boolean;
}

function forest(seed: number, shape: ForestShape) {
  const random = new Random(seed);
  const sets = shape.sets ?? 0;
  const options: PackOptions = {
    features: shape.features,
    leafColumns: shape.leafColumns,
    precision: shape.precision ?? 'float32',
    categories:
      sets === 0
        ? null
        : {
            starts: Uint32Array.from({ length: sets + 1 }, (_, i) => i * 2),
            words: Uint32Array.from({ length: sets * 2 }, () => random.below(2 ** 31)),
            unlisted: Uint8Array.from({ length: sets }, (_, i) => i % 3),
            reading: null,
          },
    keepIds: shape.keepIds ?? false,
    keepCovers: shape.keepCovers ?? false,
    limits: defaultLimits,
  };
  const trees = Array.from({ length: shape.trees }, () => drawTree(random, shape));
  return { kind: 'trees' as const, ...packTrees(trees, options), ...rest };
}

function classifier(
  labels: Extract<Head, { task: 'classifier' }>['labels'],
  decide: Extract<Head, { task: 'classifier' }>['decide'],
  probability: Extract<Head, { task: 'classifier' }>['probability'],
  decisionFunction = false,
): Head {
  return {
    task: 'classifier',
    labels,
    decide,
    probability,
    decisionFunction,
    sums: null,
    scoreOffset: null,
    decisionOffset: null,
    logProbability: null,
  };
}

function regressor(targets: number, flat = targets === 1): Head {
  return { task: 'regressor', targets, flat, link: 'identity' };
}

/** Standard deviations: a covariance that is a square, so that no variance is negative. */
function deviation(seed: number, count: number) {
  const random = new Random(seed);
  const length = count;
  const root = Array.from({ length }, () => Array.from({ length }, () => random.next() - 0.5));
  const product = (i: number, j: number) =>
    root[i]!.reduce((sum, value, k) => sum + value * root[j]![k]!, 0);
  return {
    offsets: Float64Array.from({ length }, () => random.next()),
    scales: Float64Array.from({ length }, () => random.next() + 0.5),
    covariance: Float64Array.from({ length: count * count }, (_, i) =>
      product(Math.floor(i / count), i % count),
    ),
    noise: Float64Array.of(0.25),
  };
}

function model(root: unknown, features: number, names: readonly string[] | null): ModelDescription {
  return modelOf(root, { type: 'matrix', features, names });
}

function modelOf(root: unknown, input: unknown): ModelDescription {
  const rest = { golden: [], provenance, reference: null };
  return withGolden({ root, input, ...rest } as unknown as ModelDescription);
}

type Methods = Record<string, (X: unknown) => unknown>;

/** Adds a golden set of the model's own answers. */
function withGolden(plain: ModelDescription): ModelDescription {
  const description = validateModel(plain);
  const compiled = createModel(description) as unknown as Methods;
  const methods = (
    [
      ['predict', 'predict'],
      ['predict_proba', 'predictProba'],
      ['predict_log_proba', 'predictLogProba'],
      ['predict_joint_log_proba', 'predictJointLogProba'],
      ['decision_function', 'decisionFunction'],
      ['predict_std', 'predictStd'],
      ['score_samples', 'scoreSamples'],
      ['apply', 'apply'],
      ['transform', 'transform'],
    ] as const
  ).filter(([, ours]) => typeof compiled[ours] === 'function');
  const rows = probeRows(description, 3, 20)
    .filter((row) => answersTo(compiled, row))
    .slice(0, 3);
  const outputs = methods.map(([method, ours]) =>
    toOutput(method, compiled[ours]!(rows), rows.length),
  );
  const input = goldenInput(description, rows);
  return validateModel({
    ...description,
    golden: [{ name: 'made', input, outputs, environment: { numpy: '2', os: 'linux' } }],
  });
}

function answersTo(compiled: Methods, row: readonly unknown[]): boolean {
  try {
    (compiled.predict ?? compiled.transform ?? compiled.scoreSamples)!([row]);
    return true;
  } catch {
    return false;
  }
}

function goldenInput({ input }: ModelDescription, rows: readonly (readonly unknown[])[]) {
  const columns = inputColumns(input);
  const count = { rows: rows.length, columns };
  const types = columnsOf(input);
  if (types === null)
    return { type: 'matrix' as const, ...count, data: Float64Array.from(rows.flat() as number[]) };
  const alone = isItemForm(types[0]!.type) && types[0]!.name === null;
  const values = types.map((column, i) => {
    const cells = rows.map((row) => (alone ? row : row[i]));
    if (isItemForm(column.type)) return goldenItems(column.type, cells);
    return holdsStrings(column)
      ? (cells as (string | null)[])
      : Float64Array.from(cells, (cell) => Number(cell ?? Number.NaN));
  });
  return { type: 'columns' as const, ...count, values };
}

function toOutput(method: string, answer: unknown, rows: number) {
  const part = (value: unknown) => {
    if (value instanceof SparseMatrix) value = value.toMatrix();
    if (value instanceof Matrix) return { shape: value.shape, values: value.data, strings: null };
    if (ArrayBuffer.isView(value)) return { shape: [rows], values: value, strings: null };
    const flat = (value as unknown[]).flat();
    const shape = Array.isArray((value as unknown[])[0]) ? [rows, flat.length / rows] : [rows];
    if (method === 'transform') {
      const strings = flat.map((cell) => (typeof cell === 'string' ? cell : null));
      const number = (cell: unknown) => (typeof cell === 'number' ? cell : Number.NaN);
      return { shape, values: Float64Array.from(flat, number), strings };
    }
    if (typeof flat[0] === 'boolean')
      return { shape, values: Uint8Array.from(flat as number[]), strings: null };
    if (typeof flat[0] !== 'number') return { shape, values: flat, strings: null };
    const fits = (flat as number[]).every((value) => (value | 0) === value);
    const values = (fits ? Int32Array : Float64Array).from(flat as number[]);
    return { shape, values, strings: null };
  };
  const list = Array.isArray(answer) && answer[0] instanceof Matrix;
  const parts = list ? (answer as unknown[]).map(part) : [part(answer)];
  return { method, list, parts } as GoldenOutput;
}

const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
const str = (count: number) => ({ dtype: 'str' as const, values: letters.slice(0, count) });

/** libsvm's classifier of so many classes. */
const machine = (features: number, classes: number, breakTies: boolean, head: object) => {
  const pairs = (classes * (classes - 1)) / 2;
  const numbers = (count: number) =>
    Float64Array.from({ length: count }, (_, i) => Math.sin(i + 1));
  const starts = Uint32Array.from({ length: classes + 1 }, (_, i) =>
    Math.round((i * features) / classes),
  );
  return {
    kind: 'support-vectors',
    features,
    outputs: classes === 2 ? 1 : classes,
    starts,
    coefficients: numbers((classes - 1) * features),
    intercepts: numbers(pairs),
    breakTies,
    sigmoids: 'probability' in head ? numbers(2 * pairs) : null,
    head: { ...classifier([], 'argmax', null, true), ...head },
  };
};

/** What a Gaussian process makes of covariances with all but one row. */
const process = (features: number, outputs: number, head: object) => {
  const count = features - 1;
  return {
    kind: 'gaussian-process',
    features,
    outputs,
    coefficients: Float64Array.from({ length: outputs * count }, (_, i) => Math.cos(i)),
    scales: new Float64Array(outputs).fill(1.5),
    offsets: new Float64Array(outputs).fill(-0.25),
    factor: Float64Array.from({ length: (count * (count + 1)) / 2 }, (_, i) => 1.2 + i / 8),
    weights: null,
    head,
  };
};

/** Every kind of node, head and option at least once. */
export const smallModels: Readonly<Record<string, () => ModelDescription>> = {
  'narrow table, single tree, ids, covers, strings': () => ({
    ...model(
      {
        ...forest(1, {
          features: 3,
          leafColumns: 3,
          splits: 5,
          trees: 1,
          shuffled: true,
          keepIds: true,
          keepCovers: true,
        }),
        outputs: 3,
        nonFinite: 'nan',
        paths: 'tree',
        pathsMissing: null,
        pathsNonFinite: null,
        head: classifier([str(3)], 'argmax', 'identity'),
      },
      3,
      ['__proto__', 'größe', ''],
    ),
    reference: { note: 'kept', counts: Float64Array.of(1, 2, -0), nested: { deep: ['x'] } },
  }),
  'narrow inline forest, weights, base, mean': () =>
    model(
      {
        ...forest(2, { features: 4, leafColumns: 1, splits: 6, trees: 5 }),
        outputs: 1,
        aggregation: 'mean',
        divisor: null,
        isolation: null,
        paths: 'forest',
        pathsMissing: null,
        pathsNonFinite: null,
        treeWeights: Float64Array.of(1, 0.5, -0.25, 2, 1),
        base: Float64Array.of(0.5),
        head: regressor(1),
      },
      4,
      null,
    ),
  'wide inline, tree outputs, softmax, int64': () =>
    model(
      {
        ...forest(3, { features: 5, leafColumns: 1, splits: 4, trees: 6, precision: 'float64' }),
        outputs: 3,
        treeOutputs: Uint8Array.of(0, 1, 2, 0, 1, 2),
        base: Float64Array.of(0.1, 0.2, 0.3),
        head: classifier(
          [{ dtype: 'int64', values: Float64Array.of(-7, 0, 2 ** 53 - 1) }],
          'argmax',
          'softmax',
          true,
        ),
      },
      5,
      letters.slice(0, 5),
    ),
  'wide table, categories, any, booleans, normalize': () =>
    model(
      {
        ...forest(4, {
          features: 3,
          leafColumns: 2,
          splits: 6,
          trees: 3,
          sets: 4,
          precision: 'float64',
        }),
        outputs: 2,
        nonFinite: 'any',
        paths: 'forest',
        pathsMissing: null,
        pathsNonFinite: null,
        head: classifier([{ dtype: 'bool', values: Uint8Array.of(0, 1) }], 'argmax', 'normalize'),
      },
      3,
      null,
    ),
  'narrow inline, categories, positive, expit, objects': () =>
    model(
      {
        ...forest(5, { features: 2, leafColumns: 1, splits: 5, trees: 3, sets: 3 }),
        outputs: 1,
        nonFinite: 'nan',
        base: Float64Array.of(-1.5),
        head: classifier([{ dtype: 'object', values: ['no', 'yes'] }], 'positive', 'expit', true),
      },
      2,
      ['toString', 'constructor'],
    ),
  'narrow table forest, several outputs, leaves only': () =>
    model(
      {
        ...forest(6, { features: 3, leafColumns: 5, splits: 0, trees: 2 }),
        outputs: 5,
        aggregation: 'mean',
        divisor: null,
        isolation: null,
        paths: 'forest',
        pathsMissing: null,
        pathsNonFinite: null,
        head: classifier(
          [
            { dtype: 'int32', values: Float64Array.of(3, 4, 5) },
            { dtype: 'float64', values: Float64Array.of(0.5, 1.5) },
          ],
          'argmax',
          'identity',
        ),
      },
      3,
      null,
    ),
  'narrow inline, path lengths, an offset to decide by': () =>
    model(
      {
        ...forest(30, { features: 2, leafColumns: 1, splits: 3, trees: 3 }),
        outputs: 1,
        nonFinite: 'any',
        aggregation: 'isolation',
        divisor: null,
        isolation: Float64Array.of(4.5),
        base: Float64Array.of(0),
        head: {
          ...classifier(
            [{ dtype: 'int64', values: Float64Array.of(-1, 1) }],
            'nonNegative',
            null,
            true,
          ),
          decisionOffset: Float64Array.of(-0.5),
        } as Head,
      },
      2,
      null,
    ),
  'narrow table, votes, a divisor, logarithms of trees': () =>
    model(
      {
        ...forest(33, { features: 2, leafColumns: 3, splits: 3, trees: 3 }),
        outputs: 3,
        aggregation: 'mean',
        divisor: Float64Array.of(1.75),
        head: {
          ...classifier([str(3)], 'argmax', 'softmax-shared'),
          logProbability: 'parts',
        } as Head,
      },
      2,
      null,
    ),
  'narrow inline, stages, probable, twice': () =>
    model(
      {
        ...forest(31, { features: 3, leafColumns: 1, splits: 4, trees: 2 }),
        outputs: 1,
        base: Float64Array.of(-1),
        paths: 'stages',
        pathsNonFinite: 'nan',
        head: {
          ...classifier([str(2)], 'probable', 'expit-twice', true),
          logProbability: 'none',
        } as Head,
      },
      3,
      null,
    ),
  'wide inline, bytes for categories, probable': () => {
    const trees = forest(32, {
      features: 2,
      leafColumns: 1,
      splits: 4,
      trees: 6,
      sets: 3,
      precision: 'float64',
    });
    return model(
      {
        ...trees,
        categories: { ...trees.categories, reading: 'byte' },
        outputs: 3,
        nonFinite: 'any',
        treeOutputs: Uint8Array.of(0, 1, 2, 0, 1, 2),
        head: classifier([str(3)], 'probable', 'softmax-log', true),
      },
      2,
      null,
    );
  },
  'narrow inline, sums of float32, categories that are never negative, softmax of targets': () => {
    const trees = forest(35, { features: 2, leafColumns: 1, splits: 4, trees: 6, sets: 3 });
    return model(
      {
        ...trees,
        categories: { ...trees.categories, reading: 'positive' },
        outputs: 3,
        nonFinite: 'nan',
        treeOutputs: Uint8Array.of(0, 1, 2, 0, 1, 2),
        base: Float64Array.of(0.1, -0.2, 0.3),
        sums: 'float32',
        head: {
          task: 'regressor',
          targets: 3,
          flat: false,
          link: 'softmax',
          factor: Float64Array.of(0.7),
        },
      },
      2,
      null,
    );
  },
  'narrow table, several targets': () =>
    model(
      {
        ...forest(7, {
          features: 3,
          leafColumns: 2,
          splits: 7,
          trees: 4,
          shuffled: true,
          keepIds: true,
        }),
        outputs: 2,
        aggregation: 'mean',
        divisor: null,
        isolation: null,
        paths: 'forest',
        pathsMissing: null,
        pathsNonFinite: null,
        head: regressor(2),
      },
      3,
      null,
    ),
  'linear models in leaves, a link': () => {
    const choosing = forest(63, { features: 3, leafColumns: 1, splits: 4, trees: 2 });
    return model(leafModels(choosing, 1, { ...regressor(1), link: 'exp' } as Head), 3, null);
  },
  'linear models in leaves, several outputs, categories, behind a step': () => {
    const shape = { features: 3, leafColumns: 1, splits: 3, trees: 6, sets: 3 } as const;
    const choosing = forest(64, { ...shape, precision: 'float64' });
    const own = leafModels(choosing, 3, classifier([str(3)], 'argmax', 'softmax', true));
    const flush = { operation: 'flush', operands: new Float64Array(3).fill(0.5), rounded: false };
    const elementwise = { kind: 'elementwise', features: 3, nonFinite: 'any', type: null };
    return model(
      {
        kind: 'pipeline',
        steps: [{ ...elementwise, operations: [flush] }, own],
      },
      3,
      null,
    );
  },
  'linear, softmax': () =>
    model(linear(8, 3, 3, classifier([str(3)], 'argmax', 'softmax', true)), 3, null),
  'linear, smallest score': () =>
    model(linear(51, 3, 3, classifier([str(3)], 'argmin', null, true)), 3, null),
  'scores, outliers': () =>
    model(
      {
        kind: 'scores',
        features: 5,
        head: {
          ...classifier([str(3), str(2)], 'argmax', 'identity'),
          outlierLabels: [
            { dtype: 'str', values: ['none'] },
            { dtype: 'str', values: ['0'] },
          ],
        },
      },
      5,
      null,
    ),
  'linear, one against the rest': () =>
    model(
      linear(
        9,
        2,
        4,
        classifier(
          [{ dtype: 'uint8', values: Float64Array.of(0, 1, 2, 255) }],
          'argmax',
          'one-vs-rest',
          true,
        ),
      ),
      2,
      null,
    ),
  'linear, pair, float32': () => {
    const root = linear(10, 4, 1, classifier([str(2)], 'positive', 'expit-pair', true));
    return model(
      {
        ...root,
        coefficients: Float32Array.from(root.coefficients),
        intercepts: Float32Array.from(root.intercepts),
      },
      4,
      null,
    );
  },
  'linear regressor without probabilities': () => model(linear(11, 3, 2, regressor(2)), 3, null),
  'linear regressor with the link exp': () =>
    model(linear(14, 3, 1, { task: 'regressor', targets: 1, flat: true, link: 'exp' }), 3, null),
  'linear regressor with the link exp-table': () => {
    const head = { task: 'regressor' as const, targets: 1, flat: true, link: 'exp-table' as const };
    return model(linear(35, 3, 1, head), 3, null);
  },
  'linear regressor with standard deviations': () =>
    model({ ...linear(15, 3, 1, regressor(1)), deviation: deviation(16, 3) }, 3, null),
  'pipeline of select and deviations, float32': () => {
    const given = deviation(19, 2);
    const covariance = Float32Array.from(given.covariance);
    return model(
      {
        kind: 'pipeline',
        steps: [
          { kind: 'select', features: 3, columns: Uint32Array.of(2, 0) },
          {
            ...linear(20, 2, 1, regressor(1)),
            deviation: { ...given, offsets: null, scales: null, covariance },
          },
        ],
      },
      3,
      null,
    );
  },
  'linear, not negative, offset': () =>
    model(
      linear(21, 3, 1, {
        ...classifier(
          [{ dtype: 'int32', values: Float64Array.of(-1, 1) }],
          'nonNegative',
          null,
          true,
        ),
        scoreOffset: Float64Array.of(0.75),
      } as Head),
      3,
      null,
    ),
  'linear, logarithms of joint probabilities': () => {
    const head = classifier([str(3)], 'argmax', 'softmax-log');
    const more = { logProbability: 'scores', joint: 'scores', sums: 'sequential' };
    return model(linear(27, 3, 3, { ...head, ...more } as Head), 3, null);
  },
  'linear, a mixture': () => {
    const two = { dtype: 'int64' as const, values: Float64Array.of(0, 1) };
    const head = classifier([two], 'argmax', 'softmax-log');
    const more = { logProbability: 'none', joint: 'sum' };
    return model(linear(28, 3, 2, { ...head, ...more } as Head), 3, null);
  },
  'linear, two scores that differ': () => {
    const head = classifier([str(2)], 'argmax', 'softmax-log-max', true);
    const more = { logProbability: 'scores', folded: true };
    return model(linear(29, 3, 2, { ...head, ...more } as Head), 3, null);
  },
  'linear, a density': () => model(linear(30, 3, 1, { task: 'density' }), 3, null),
  'densities of stored rows': () => {
    const kernel = {
      kind: 'kernel',
      features: 2,
      nonFinite: 'refuse',
      references: Float64Array.of(0, 1, -2, 0.5, 1, 1),
      steps: ['squared-differences', 'multiply', 'add', 'log', 'minimum'],
      operands: Float64Array.of(1, 2, -0.25, 1, -0.1),
      diagonal: false,
    };
    const uncertainty = Float64Array.of(1e-12);
    const scores = {
      kind: 'scores',
      features: 3,
      head: { task: 'density', components: 3, uncertainty },
    };
    return model({ kind: 'pipeline', steps: [kernel, scores] }, 2, null);
  },
  'linear, a density, a selection beside it': () => {
    const beside = { kind: 'select', features: 3, columns: Uint32Array.of(2, 0) };
    const steps = [linear(31, 3, 1, { task: 'density' })];
    return model({ kind: 'pipeline', steps, beside }, 3, null);
  },
  'linear, clip': () =>
    model(linear(22, 3, 1, classifier([str(2)], 'positive', 'clip', true)), 3, null),
  'linear, clip one against the rest': () =>
    model(linear(23, 3, 3, classifier([str(3)], 'argmax', 'clip-one-vs-rest', true)), 3, null),
  'linear, softmax by a table': () =>
    model(linear(36, 3, 3, classifier([str(3)], 'argmax', 'softmax-table', true)), 3, null),
  'linear, each by itself': () =>
    model(linear(37, 3, 3, classifier([str(3)], 'argmax', 'expit-each', true)), 3, null),
  'linear, one against the rest or uniform': () =>
    model(linear(24, 3, 3, classifier([str(3)], 'argmax', 'one-vs-rest-uniform', true)), 3, null),
  'linear, nine classes, sums in order': () => {
    const nine = { dtype: 'int8' as const, values: Float64Array.from({ length: 9 }, (_, i) => i) };
    const head = classifier([nine], 'argmax', 'softmax', true);
    return model(linear(26, 2, 9, { ...head, sums: 'sequential' } as Head), 2, null);
  },
  'linear, several labels a row': () => {
    const labels = { dtype: 'int64' as const, values: Float64Array.of(0, 1) };
    return model(linear(25, 3, 2, classifier([labels, labels], 'positive', null, true)), 3, null);
  },
  'pipeline of select and trees': () =>
    model(
      {
        kind: 'pipeline',
        steps: [
          { kind: 'select', features: 4, columns: Uint32Array.of(3, 0, 0) },
          {
            ...forest(12, { features: 3, leafColumns: 1, splits: 3, trees: 2 }),
            outputs: 1,
            head: regressor(1, false),
          },
        ],
      },
      4,
      letters.slice(0, 4),
    ),
  'ensemble, mean of trees and margins, logarithms of parts': () =>
    model(
      {
        ...ensemble(3, [treePart(40, 2, Uint32Array.of(2, 0)), linearPart(41, 3, null)], 3),
        combine: 'mean',
        precision: 'float64',
        divisor: Float64Array.of(2),
        head: {
          ...classifier([str(3)], 'argmax', 'identity'),
          logProbability: 'parts',
        } as Head,
      },
      3,
      null,
    ),
  'ensemble, mean of margins': () =>
    model(
      {
        ...ensemble(3, [linearPart(42, 3, null), linearPart(43, 3, null)], 3),
        combine: 'mean',
        decisions: 'mean',
        transforms: true,
        weights: Float64Array.of(2, 1),
        divisor: Float64Array.of(3),
        head: classifier([str(3)], 'argmax', 'identity', true),
      },
      3,
      letters.slice(0, 3),
    ),
  'ensemble, votes, misses, folded': () =>
    model(
      {
        ...ensemble(3, [linearPart(44, 2, null), linearPart(45, 2, null)], 1),
        combine: 'vote',
        folded: true,
        transforms: true,
        weights: Float64Array.of(0.75, 0.5),
        misses: Float64Array.of(-0.75, -0.5),
        divisor: Float64Array.of(1.25),
        head: classifier([str(2)], 'positive', 'softmax-pair-half', true),
      },
      3,
      null,
    ),
  'ensemble, logarithms': () =>
    model(
      {
        ...ensemble(3, [treePart(46, 3, null), treePart(47, 3, null)], 3),
        combine: 'samme-r',
        divisor: Float64Array.of(2),
        head: classifier([str(3)], 'argmax', 'softmax-shared', true),
      },
      3,
      null,
    ),
  'ensemble, one against the rest, the last of the largest': () => {
    const part = (seed: number) => ({ ...linearPart(seed, 2, null), classes: null });
    return model(
      {
        ...ensemble(3, [part(60), part(61), part(62)], 3),
        combine: 'one-vs-rest',
        head: classifier([str(3)], 'argmaxLast', 'normalize-nan', true),
      },
      3,
      null,
    );
  },
  'ensemble, several labels a row': () => {
    const labels = { dtype: 'int64' as const, values: Float64Array.of(0, 1) };
    const tree = {
      ...forest(63, { features: 3, leafColumns: 2, splits: 3, trees: 1 }),
      outputs: 2,
      head: classifier([labels], 'argmax', 'normalize'),
    };
    const part = { columns: null, node: tree, classes: null };
    return model(
      {
        ...ensemble(3, [part, { ...part, columns: Uint32Array.of(2, 0, 1) }], 2),
        combine: 'one-vs-rest',
        head: classifier([labels, labels], 'probable', 'complement'),
      },
      3,
      null,
    );
  },
  'ensemble, votes of pairs': () => {
    const part = (seed: number) => ({ ...linearPart(seed, 2, null), classes: null });
    return model(
      {
        ...ensemble(3, [part(64), part(65), part(66)], 3),
        combine: 'one-vs-one',
        head: classifier([str(3)], 'argmax', null, true),
      },
      3,
      null,
    );
  },
  'ensemble, one pair, a threshold': () => {
    const part = { ...linearPart(67, 2, null), classes: null };
    const threshold = { of: 'decision_function', positive: 1, value: Float64Array.of(0.5) };
    const head = { ...classifier([str(2)], 'positive', null, true), threshold } as Head;
    return model({ ...ensemble(3, [part], 1), combine: 'one-vs-one', head }, 3, null);
  },
  'linear, probabilities of the first class and a threshold': () => {
    const threshold = { of: 'predict_proba', positive: 0, value: Float64Array.of(0.3) };
    const head = { ...classifier([str(2)], 'positive', 'expit', true), threshold } as Head;
    return model(linear(68, 3, 1, head), 3, null);
  },
  'ensemble, median': () => {
    const part = (seed: number) => ({
      columns: null,
      node: linear(seed, 3, 1, regressor(1)),
      classes: null,
    });
    return model(
      {
        ...ensemble(3, [part(48), part(49), part(50)], 1),
        combine: 'median',
        weights: Float64Array.of(1, 0.5, 2),
        head: regressor(1),
      },
      3,
      null,
    );
  },
  'margins side by side, scores': () => {
    const part = (seed: number) => {
      const node = linear(seed, 2, 1, classifier([str(2)], 'positive', 'expit', true));
      return {
        columns: null,
        node: { kind: 'answers', features: 2, node, method: 'decision_function', skip: 0 },
      };
    };
    const head = classifier([str(3)], 'argmax', 'one-vs-rest', true);
    return model(
      {
        kind: 'pipeline',
        steps: [
          { kind: 'union', features: 2, sparse: false, parts: [part(55), part(56), part(57)] },
          { kind: 'scores', features: 3, head },
        ],
      },
      2,
      null,
    );
  },
  'scores, complement': () =>
    model(
      {
        kind: 'scores',
        features: 1,
        head: classifier([str(2)], 'positive', 'complement'),
      },
      1,
      null,
    ),
  'scores, shares of them': () =>
    model(
      {
        kind: 'scores',
        features: 3,
        head: classifier([str(3)], 'argmax', 'normalize-uniform'),
      },
      3,
      null,
    ),
  'support vectors of three classes, probabilities': () =>
    model(
      {
        kind: 'pipeline',
        steps: [
          {
            kind: 'kernel',
            features: 2,
            nonFinite: 'refuse',
            references: Float64Array.of(0, 1, 0.5, -2, 3, 0, 1, 1),
            steps: ['squared-differences', 'multiply', 'exp'],
            operands: Float64Array.of(1, 1, -0.25),
            diagonal: false,
          },
          machine(4, 3, false, { probability: 'own', labels: [str(3)] }),
        ],
      },
      2,
      ['a', 'b'],
    ),
  'support vectors of two classes': () =>
    model(machine(3, 2, false, { decide: 'nonNegative', labels: [str(2)] }), 3, null),
  'support vectors of two classes, probabilities': () =>
    model(
      machine(3, 2, false, { decide: 'nonNegative', probability: 'own', labels: [str(2)] }),
      3,
      null,
    ),
  'support vectors, decisions of pairs': () =>
    model(machine(5, 4, false, { pairs: true, labels: [str(4)] }), 5, null),
  'support vectors in float32, of sums of squares': () =>
    model(
      {
        kind: 'pipeline',
        steps: [
          {
            kind: 'elementwise',
            features: 2,
            nonFinite: 'any',
            type: 'float32',
            operations: [{ operation: 'positive' }],
          },
          {
            kind: 'kernel',
            features: 2,
            nonFinite: 'refuse',
            references: Float32Array.of(0, 1, 0.5, -2, 3, 0, 1, 1),
            steps: ['differences', 'multiply', 'exp'],
            operands: Float64Array.of(-0.25),
            diagonal: false,
          },
          {
            ...machine(4, 3, false, { probability: 'own', labels: [str(3)] }),
            precision: 'float32',
          },
        ],
      },
      2,
      null,
    ),
  'support vectors, ties broken': () => model(machine(5, 4, true, { labels: [str(4)] }), 5, null),
  'gaussian, variances, a naive Bayes': () => {
    const more = { logProbability: 'scores', joint: 'scores', sums: 'sequential' };
    const head = { ...classifier([str(3)], 'argmax', 'softmax-log'), ...more };
    return model(gaussian(70, 2, 3, 'variances', 1, head as Head), 2, ['a', 'b']);
  },
  'gaussian, factors, a mixture': () => {
    const two = { dtype: 'int64' as const, values: Float64Array.of(0, 1) };
    const more = { logProbability: 'none', joint: 'sum' };
    const head = { ...classifier([two], 'argmax', 'softmax-log'), ...more } as Head;
    const node = gaussian(71, 3, 2, 'factors', 4, head);
    return model(
      { ...node, rounded: 'distance', expanded: true, uncertainty: Float64Array.of(0, 1e-12) },
      3,
      null,
    );
  },
  'gaussian, a precision, an offset to decide by': () => {
    const signs = { dtype: 'int64' as const, values: Float64Array.of(-1, 1) };
    const head = {
      ...classifier([signs], 'nonNegative', null, true),
      decisionOffset: Float64Array.of(-2),
    };
    const spread = Float64Array.of(0, 1e-12, 1e-9);
    return model({ ...gaussian(72, 3, 1, 'precision', 3, head as Head), spread }, 3, null);
  },
  'gaussian, float32, a density beside a selection': () => {
    const { means, scales, constants, ...node } = gaussian(73, 2, 1, 'variances', 1, {
      task: 'density',
    });
    const singles = [means, scales, constants].map((values) => Float32Array.from(values));
    const [a, b, c] = singles;
    const beside = { kind: 'select', features: 2, columns: Uint32Array.of(1) };
    const steps = [{ ...node, means: a, scales: b, constants: c, rounded: 'constant' }];
    return model({ kind: 'pipeline', steps, beside }, 2, null);
  },
  'a Gaussian process of two targets': () =>
    model(
      {
        kind: 'pipeline',
        steps: [
          {
            kind: 'kernel',
            features: 2,
            nonFinite: 'refuse',
            references: Float64Array.of(0, 1, 0.5, -2, 3, 0),
            steps: [
              'squared-differences',
              'multiply',
              'exp',
              'constant',
              'product',
              'noise',
              'sum',
            ],
            operands: Float64Array.of(1, 2, -0.5, 1.5, 0.25),
            diagonal: true,
          },
          process(4, 2, regressor(2)),
        ],
      },
      2,
      null,
    ),
  'a Gaussian process of two classes': () =>
    model(
      {
        ...process(3, 1, classifier([str(2)], 'positive', 'own')),
        weights: Float64Array.of(0.5, 0.25),
      },
      3,
      null,
    ),
  'scores alone': () => model({ kind: 'scores', features: 2, head: regressor(2) }, 2, null),
  'leaves of trees, encoded': () => {
    const trees = forest(54, { features: 3, leafColumns: 1, splits: 2, trees: 2 });
    const node = { ...trees, outputs: 1, paths: 'forest', head: regressor(1) };
    const column = (_: number) => ({
      strings: null,
      numbers: Float64Array.of(0, 1, 2, 3, 4),
      missing: false,
      unknown: true,
      width: 5,
      values: null,
      marks: Int32Array.of(0, 1, 2, 3, 4, -1),
    });
    return model(
      {
        kind: 'pipeline',
        steps: [
          { kind: 'answers', features: 3, node, method: 'apply', skip: 0, paths: true },
          {
            kind: 'encode',
            features: 2,
            nonFinite: 'nan',
            type: 'float64',
            sparse: true,
            columns: [column(0), column(1)],
          },
        ],
      },
      3,
      null,
    );
  },
  'linear, labels by the scores of another': () => {
    const own = classifier([str(3)], 'argmax', 'softmax-log-max', true);
    const steps = [linear(63, 3, 3, { ...own, logProbability: 'scores' } as Head)];
    const chooser = linear(64, 3, 3, classifier([str(3)], 'argmax', null));
    return model({ kind: 'pipeline', steps, chooser }, 3, null);
  },
  'linear, a projection beside it': () => {
    const scaled = { kind: 'row-norm', features: 3, nonFinite: 'refuse', norm: 'l1' };
    const head = classifier([str(3)], 'argmax', 'softmax', true);
    const steps = [scaled, linear(61, 3, 3, { ...head, logProbability: 'normal' } as Head)];
    const projection = { ...linear(62, 3, 2, regressor(2)), head: null };
    return model({ kind: 'pipeline', steps, beside: projection }, 3, null);
  },
  'answers beside the rows, before trees': () => {
    const answer = (node: unknown, method: string, skip: number) => ({
      columns: null,
      node: { kind: 'answers', features: 2, node, method, skip },
    });
    const margins = linear(51, 2, 1, classifier([str(2)], 'positive', 'expit', true));
    const numbers = { dtype: 'int8' as const, values: Float64Array.of(4, 7) };
    const labelled = linear(52, 2, 1, classifier([numbers], 'positive', null, true));
    return model(
      {
        kind: 'pipeline',
        transforms: true,
        steps: [
          {
            kind: 'union',
            features: 2,
            sparse: false,
            parts: [
              answer(margins, 'predict_proba', 1),
              answer(margins, 'decision_function', 0),
              answer(labelled, 'predict', 0),
              { columns: null, node: null },
            ],
          },
          {
            ...forest(53, { features: 5, leafColumns: 1, splits: 3, trees: 2 }),
            outputs: 1,
            head: regressor(1),
          },
        ],
      },
      2,
      null,
    );
  },
  'scores of several outputs, each read as its own head says': () => {
    const numbers = { dtype: 'float64' as const, values: Float64Array.of(-1, 2) };
    const raw = (node: unknown) => ({
      columns: null,
      node: { kind: 'answers', features: 2, node, method: 'raw', skip: 0 },
    });
    const margins = linear(55, 2, 1, classifier([numbers], 'positive', 'expit', true));
    const shares = linear(56, 2, 2, classifier([numbers], 'argmax', 'softmax', false));
    const head = classifier([numbers, numbers], 'positive', 'expit');
    const each = [
      { decide: 'positive', probability: 'expit', sums: null },
      { decide: 'argmax', probability: 'softmax', sums: 'sequential' },
    ] as const;
    return model(
      {
        kind: 'pipeline',
        steps: [
          { kind: 'union', features: 2, sparse: false, parts: [raw(margins), raw(shares)] },
          { kind: 'scores', features: 3, head: { ...head, each, seconds: true as const } },
        ],
      },
      2,
      null,
    );
  },
  'pipeline in a pipeline': () =>
    model(
      {
        kind: 'pipeline',
        steps: [
          {
            kind: 'pipeline',
            steps: [
              { kind: 'select', features: 3, columns: Uint32Array.of(2, 1) },
              { kind: 'select', features: 2, columns: Uint32Array.of(1) },
            ],
          },
          { kind: 'pipeline', steps: [linear(13, 1, 1, regressor(1))] },
        ],
      },
      3,
      null,
    ),
};

/** Every kind that transforms, alone, in compositions, and before a head. */
for (const [name, [root, input]] of Object.entries(smallTransformers))
  (smallModels as Record<string, () => ModelDescription>)[name] = () => modelOf(root(), input);

function ensemble(features: number, parts: readonly unknown[], outputs: number) {
  return {
    kind: 'ensemble' as const,
    features,
    outputs,
    parts,
    weights: null,
    misses: null,
    divisor: null,
    folded: false,
    precision: null,
    decisions: null,
    transforms: false,
  };
}

/** A tree of three classes, those of its ensemble in another order. */
function treePart(seed: number, features: number, columns: Uint32Array | null) {
  const node = {
    ...forest(seed, { features, leafColumns: 3, splits: 3, trees: 1 }),
    outputs: 3,
    head: classifier([str(3)], 'argmax', 'normalize'),
  };
  return { columns, node, classes: Uint8Array.of(2, 0, 1) };
}

/** Margins of two classes or three. */
function linearPart(seed: number, classes: number, columns: Uint32Array | null) {
  const two = classes === 2;
  const head = classifier(
    [str(classes)],
    two ? 'positive' : 'argmax',
    two ? 'expit' : 'softmax',
    true,
  );
  const node = linear(seed, 3, two ? 1 : classes, head);
  return { columns, node, classes: Uint8Array.from({ length: classes }, (_, i) => i) };
}

/** Models for the leaves of trees, some of them constants. The trees' own leaves, eighths, become their numbers. */
function leafModels(choosing: ReturnType<typeof forest>, outputs: number, head: Head) {
  const { features, starts } = choosing;
  const trees = starts.length - 1;
  const random = new Random(trees);
  const numbers = (length: number) => Float64Array.from({ length }, () => random.next() * 4 - 2);
  const models = 9;
  const begins = new Uint32Array(models + 1);
  for (let i = 0; i < models; i++) begins[i + 1] = begins[i]! + random.below(features + 1);
  const products = begins[models]!;
  return {
    kind: 'leaf-models' as const,
    features,
    outputs,
    node: {
      ...choosing,
      outputs: trees,
      nonFinite: 'any',
      treeOutputs: trees > 1 ? Uint8Array.from({ length: trees }, (_, tree) => tree) : null,
      // Leaves are from 1/8 to 1.
      treeWeights: new Float64Array(trees).fill(8),
      head: regressor(trees),
    },
    treeOutputs: Uint8Array.from({ length: trees }, (_, tree) => tree % outputs),
    constants: numbers(models),
    starts: begins,
    columns: Uint8Array.from({ length: products }, () => random.below(features)),
    coefficients: numbers(products),
    gaps: numbers(models),
    head,
  };
}

function linear(seed: number, features: number, outputs: number, head: Head) {
  const random = new Random(seed);
  return {
    kind: 'linear' as const,
    features,
    outputs,
    nonFinite: 'refuse' as const,
    coefficients: Float64Array.from({ length: features * outputs }, () => random.next() * 4 - 2),
    intercepts: Float64Array.from({ length: outputs }, () => random.next() - 0.5),
    deviation: null,
    head,
  };
}

/** Densities, with as many rows of scales for each output as its distance takes. */
function gaussian(
  seed: number,
  features: number,
  outputs: number,
  distance: 'variances' | 'factors' | 'precision',
  rows: number,
  head: Head,
) {
  const random = new Random(seed);
  const numbers = (length: number, least: number) =>
    Float64Array.from({ length }, () => random.next() * 2 + least);
  return {
    kind: 'gaussian' as const,
    features,
    outputs,
    nonFinite: 'refuse' as const,
    means: numbers(outputs * features, -1),
    distance,
    scales: numbers(outputs * rows * features, distance === 'variances' ? 0.25 : -1),
    constants: numbers(3 * outputs, -1),
    rounded: null,
    expanded: false,
    uncertainty: null,
    head,
  };
}

/** Strings to put in columns of strings, beside those that the model knows. */
const strangers = [
  '',
  'unheard of',
  '__proto__',
  'constructor',
  'A',
  ' a',
  'a\u0000',
  '\ud800',
  '7',
];

/**
 * Rows to ask a model: random, on thresholds' scale, categories, missing ones where those are taken; strings that the model
 * knows and others where it takes strings.
 */
export function probeRows(description: ModelDescription, seed: number, count: number): number[][] {
  const { input, root } = description;
  const random = new Random(seed);
  const text = JSON.stringify(root);
  const refuses = text.includes('"nonFinite":"refuse"');
  const missing = refuses && !/"(fill|impute|encode)"/.test(text) ? 0 : 0.2;
  const number = () => {
    if (random.next() < missing) return Number.NaN;
    return random.next() < 0.3 ? random.below(40) - 4 : Math.fround(random.next() * 5 - 2.5);
  };
  const known = Array.from(
    text.matchAll(/"strings":(\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\])/g),
    ([, list]) => (JSON.parse(list!) as unknown[]).filter((one) => typeof one === 'string'),
  ).flat() as string[];
  const string = () => {
    if (random.next() < 0.15) return null;
    return known.length === 0 || random.next() < 0.15 ? random.pick(strangers) : random.pick(known);
  };
  const columns = columnsOf(input);
  const draws: (() => unknown)[] =
    columns?.map((column) => {
      const { type } = column;
      if (isItemForm(type)) return () => drawItems(random, type, string, number);
      return holdsStrings(column) ? string : number;
    }) ?? new Array(inputColumns(input)).fill(number);
  // A row of one column of items without a name is its cell.
  const alone = columns?.length === 1 && columns[0]!.name === null && isItemForm(columns[0]!.type);
  return Array.from(
    { length: count },
    () => (alone ? draws[0]!() : draws.map((draw) => draw())) as number[],
  );
}
