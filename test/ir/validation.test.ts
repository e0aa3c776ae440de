import { describe, expect, test } from 'vitest';
import { type ErrorCode, NuthatchError } from '../../src/errors.js';
import { asPredictor, asTransformer, createModel, Matrix } from '../../src/index.js';
import {
  defaultLimits,
  type Linear,
  type Node,
  readLabels,
  type Select,
  type Trees,
  validateNode,
  validateRunnable,
} from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { describeModel, describeTrees, type TreeFacts } from './describe-trees.js';

/** Validates any plain data as a node. */
function check(node: unknown): Node {
  return validateNode(node, 'root', defaultLimits);
}

/** Expects a refusal at `place`: a path, and after a colon what its message must hold. */
function refuses(action: () => unknown, place: string, code: ErrorCode = 'invalid-model'): void {
  const [path, reason = ''] = place.split(': ');
  let found: unknown = 'nothing was refused';
  try {
    action();
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(NuthatchError);
  expect(found).toMatchObject({ code, path, message: expect.stringContaining(reason) });
}

const facts: TreeFacts = {
  features: 2,
  outputs: 2,
  leafColumns: 1,
  precision: 'float32',
  nonFinite: 'nan',
  aggregation: 'sum',
  treeOutputs: Uint8Array.of(0, 1),
  treeWeights: Float64Array.of(1, 0.5),
  base: Float64Array.of(0, 1),
  categories: null,
};

const stump: SourceTree = {
  left: [1, -1, -1],
  right: [2, -1, -1],
  feature: [1, 0, 0],
  threshold: [0.5, 0, 0],
  missingLeft: [1, 0, 0],
  categorical: null,
  values: Float64Array.of(0, 1, 2),
  covers: null,
  path: 'stump',
};

const trees = describeTrees([stump, stump], facts);

const linear: Linear = {
  kind: 'linear',
  features: 2,
  outputs: 1,
  nonFinite: 'refuse',
  coefficients: Float64Array.of(1, 2),
  intercepts: Float64Array.of(0),
  deviation: null,
  head: { task: 'regressor', targets: 1, flat: true, link: 'identity' },
};

const select: Select = { kind: 'select', features: 5, columns: Uint32Array.of(4, 0) };

describe('labels', () => {
  const labels = (dtype: unknown, values: unknown) =>
    readLabels({ dtype, values }, 'labels', defaultLimits);
  const numbers = (...values: number[]) => Float64Array.from(values);

  test.each([
    ['int64', numbers(-(2 ** 53) + 1, 0, 2 ** 53 - 1)],
    ['float64', numbers(0.5, -1)],
    ['bool', Uint8Array.of(0, 1)],
    ['str', ['', 'ä', '__proto__']],
    ['object', ['one']],
  ])('%s are taken', (dtype, values) => {
    expect(labels(dtype, values)).toEqual({ dtype, values });
  });

  test.each([
    ['int64', numbers(), 'labels.values'],
    ['int64', numbers(1, 2, 1), 'labels.values'],
    ['int64', numbers(0, -0), 'labels.values'],
    ['int64', numbers(0.5), 'labels.values'],
    ['uint64', numbers(2 ** 53), 'labels.values'],
    ['int8', numbers(Number.NaN), 'labels.values'],
    ['float64', numbers(Number.NaN, 1), 'labels.values'],
    ['float64', numbers(Number.POSITIVE_INFINITY), 'labels.values'],
    ['int64', Int32Array.of(1, 2), 'labels.values'],
    ['int64', [1, 2], 'labels.values'],
    ['bool', Uint8Array.of(0, 2), 'labels.values'],
    ['bool', Uint8Array.of(1, 1), 'labels.values'],
    ['bool', numbers(0, 1), 'labels.values'],
    ['str', ['a', 'b', 'a'], 'labels.values'],
    ['str', ['a', 1], 'labels.values[1]'],
    ['object', numbers(1), 'labels.values'],
    ['complex64', numbers(1), 'labels.dtype'],
    [7, numbers(1), 'labels.dtype'],
  ])('%s %o are refused', (dtype, values, place) => {
    refuses(() => labels(dtype, values), place);
  });
});

describe('a head', () => {
  const classifier = (change: Record<string, unknown>) => ({
    task: 'classifier',
    labels: [{ dtype: 'str', values: ['a', 'b'] }],
    decide: 'argmax',
    probability: null,
    decisionFunction: false,
    sums: null,
    scoreOffset: null,
    decisionOffset: null,
    logProbability: null,
    ...change,
  });
  const two = { dtype: 'str', values: ['a', 'b'] };
  const three = { dtype: 'bool', values: ['a', 'b', 'c'] };
  const reading = { decide: 'positive', probability: null };

  test.each([
    [{}],
    [{ labels: [two, two], decide: 'positive', probability: 'expit' }],
    [
      {
        labels: [
          { dtype: 'str', values: ['a'] },
          { dtype: 'object', values: ['b'] },
        ],
      },
    ],
    [{ probability: 'softmax' }],
    [{ labels: [two, two], decide: 'nonNegative' }],
    [{ labels: [two, two], decide: 'positive', probability: 'clip' }],
    [{ probability: 'clip-one-vs-rest' }],
    [{ probability: 'one-vs-rest-uniform' }],
    [{ probability: 'softmax-log', logProbability: 'scores', joint: 'scores' }],
    [{ probability: 'softmax-log', logProbability: 'none', joint: 'sum' }],
    [{ probability: 'softmax-log-max', decisionFunction: true, folded: true }],
    [{ labels: [two, two], decide: 'positive', each: [reading, reading] }],
    [
      {
        probability: 'identity',
        seconds: true,
        each: [{ decide: 'argmax', probability: 'softmax' }],
      },
    ],
    [{ outlierLabels: [{ dtype: 'str', values: ['c'] }] }],
  ])('of two columns fits %o', (change) => {
    expect(check({ ...trees, head: classifier(change) })).toMatchObject({ kind: 'trees' });
  });

  test.each([
    [classifier({ decide: 'positive' }), 'root.head.task'],
    [classifier({ labels: [two, two] }), 'root.head.task'],
    [classifier({ labels: [{ ...three, dtype: 'str' }], decide: 'positive' }), 'root.head.labels'],
    [classifier({ labels: [] }), 'root.head.labels'],
    [classifier({ outlierLabels: [] }), 'root.head.outlierLabels'],
    [
      classifier({ outlierLabels: [{ dtype: 'object', values: ['c'] }] }),
      'root.head.outlierLabels[0]',
    ],
    [classifier({ outlierLabels: [two] }), 'root.head.outlierLabels[0]'],
    [classifier({ labels: [two, 'a'] }), 'root.head.labels[1]'],
    [classifier({ labels: [{ dtype: 'str', values: ['a', 'a'] }] }), 'root.head.labels[0].values'],
    [classifier({ probability: 'expit' }), 'root.head.probability'],
    [
      classifier({ decide: 'positive', labels: [two, two], probability: 'softmax' }),
      'root.head.probability',
    ],
    [classifier({ decide: 'nonNegative' }), 'root.head.task'],
    [classifier({ decide: 'negative' }), 'root.head.decide'],
    [classifier({ probability: 'clip' }), 'root.head.probability'],
    [
      classifier({ decide: 'positive', labels: [two, two], probability: 'clip-one-vs-rest' }),
      'root.head.probability',
    ],
    [
      classifier({ decide: 'nonNegative', labels: [two, two], probability: 'one-vs-rest-uniform' }),
      'root.head.probability',
    ],
    [classifier({ sums: 'pairwise' }), 'root.head.sums'],
    [classifier({ probability: 'softmax', logProbability: 'scores' }), 'root.head.logProbability'],
    [classifier({ joint: 'product' }), 'root.head.joint'],
    [classifier({ decide: 'positive', labels: [two, two], joint: 'scores' }), 'root.head.joint'],
    [classifier({ probability: 'softmax', decisionFunction: true }), 'root.head.decisionFunction'],
    [classifier({ folded: true }), 'root.head.folded'],
    [classifier({ folded: 1 }), 'root.head.folded'],
    [
      classifier({
        labels: [
          { dtype: 'str', values: ['a'] },
          { dtype: 'str', values: ['b'] },
        ],
        decisionFunction: true,
        folded: true,
      }),
      'root.head.folded',
    ],
    [classifier({ each: [] }), 'root.head.each'],
    [classifier({ each: [reading] }), 'root.head.task'],
    [classifier({ each: [{ decide: 'probable' }] }), 'root.head.each[0].probability'],
    [classifier({ each: [{ decide: 'argmax', sums: 'pairwise' }] }), 'root.head.each[0].sums'],
    [classifier({ each: [{ decide: 'argmax', probability: 'softmax' }] }), 'root.head.each'],
    [
      classifier({ labels: [two, { ...three, dtype: 'str' }], each: [reading, reading] }),
      'root.head.each[1].labels',
    ],
    [
      classifier({ decisionFunction: true, each: [{ decide: 'argmax' }] }),
      'root.head.decisionFunction',
    ],
    [classifier({ joint: 'sum', each: [{ decide: 'argmax' }] }), 'root.head.each'],
    [classifier({ seconds: true }), 'root.head.seconds'],
    [classifier({ seconds: 1 }), 'root.head.seconds'],
    [{ task: 'density' }, 'root.head.task'],
    [classifier({ scoreOffset: Float64Array.of(0) }), 'root.head.scoreOffset'],
    [
      classifier({ decide: 'positive', labels: [two, two], scoreOffset: Float64Array.of(0) }),
      'root.head.scoreOffset',
    ],
    [classifier({ scoreOffset: Float64Array.of(0, 1) }), 'root.head.scoreOffset'],
    [classifier({ scoreOffset: Float32Array.of(0) }), 'root.head.scoreOffset'],
    [classifier({ scoreOffset: Float64Array.of(Number.NaN) }), 'root.head.scoreOffset[0]'],
    [{ task: 'regressor', targets: 1, flat: true, link: 'identity' }, 'root.head.task'],
    [{ task: 'regressor', targets: 2, flat: false, link: 'log' }, 'root.head.link'],
    [{ task: 'regressor', targets: 2, flat: true, link: 'identity' }, 'root.head.flat'],
    [{ task: 'ranker' }, 'root.head.task'],
  ])('does not fit: %o', (head, place) => {
    refuses(() => check({ ...trees, head }), place);
  });
});

describe('trees', () => {
  test.each<[Partial<Record<keyof Trees, unknown>>, string]>([
    [{ treeOutputs: Uint8Array.of(0, 2) }, 'root.treeOutputs[1]'],
    [{ treeOutputs: Uint8Array.of(0) }, 'root.treeOutputs'],
    [{ treeOutputs: null }, 'root.treeOutputs'],
    [{ treeWeights: Float64Array.of(1) }, 'root.treeWeights'],
    [{ treeWeights: Float64Array.of(1, Number.NaN) }, 'root.treeWeights[1]'],
    [{ base: Float64Array.of(0) }, 'root.base'],
    [{ base: Float64Array.of(0, Number.POSITIVE_INFINITY) }, 'root.base[1]'],
    [{ leafColumns: 2 }, 'root.leaves'],
    [{ outputs: 3, leafColumns: 2 }, 'root.leafColumns'],
    [{ precision: 'float64' }, 'root.precision'],
    [{ layout: 'wide' }, 'root.starts'],
    [{ featureBits: 1 }, 'root.featureBits'],
    [{ depths: Uint8Array.of(1, 2) }, 'root.depths[1]'],
    [{ starts: Uint32Array.of(0, 3, 5) }, 'root.starts'],
    [{ starts: Uint32Array.of(0, 0, 6) }, 'root.starts[1]'],
    [{ nodes: new Uint32Array(11) }, 'root.nodes'],
    [{ nodeIds: Uint8Array.of(0, 1, 2, 0, 2, 2) }, 'root.nodeIds[5]'],
    [{ nodeIds: Uint8Array.of(0, 1, 3, 0, 1, 2) }, 'root.nodeIds[2]'],
    [{ covers: new Float64Array(5) }, 'root.covers'],
    [{ paths: 'tree' }, 'root.paths'],
  ])('are refused with %o', (change, place) => {
    refuses(() => check({ ...trees, ...change }), place);
  });

  test.each([
    [{ starts: Uint32Array.of(0) }, 'starts'],
    [{ starts: Uint32Array.of(1, 3) }, 'starts'],
    [{ starts: Uint32Array.of(0, 1) }, 'starts[1]'],
    [{ starts: Uint32Array.of(0, 0) }, 'starts[1]'],
    [{ starts: Uint32Array.of(0, 4) }, 'starts'],
    [{ unlisted: Uint8Array.of(3) }, 'unlisted[0]'],
    [{ unlisted: Uint8Array.of(0, 0) }, 'unlisted'],
  ])('are refused with category sets %o', (change, place) => {
    const good = {
      starts: Uint32Array.of(0, 2),
      words: Uint32Array.of(1, 2),
      unlisted: Uint8Array.of(2),
    };
    expect(check({ ...trees, categories: good })).toMatchObject({ categories: good });
    const path = `root.categories.${place}`;
    refuses(() => check({ ...trees, categories: { ...good, ...change } }), path);
  });

  test('are refused with a split by a set that is not there', () => {
    for (const layout of ['fitting', 'wide'] as const) {
      for (const set of [0, 1, -1]) {
        const source = { ...stump, categorical: [1, 0, 0], threshold: [set, 0, 0] };
        const described = describeTrees([source, source], facts, layout);
        refuses(() => check(described), 'root.nodes[0]');
      }
    }
  });

  test('take NaN right on a decision path alone where the source did', () => {
    const gap = [[0, Number.NaN]];
    for (const pathsMissing of ['right', null] as const) {
      const model = asPredictor(createModel(describeModel({ ...trees, pathsMissing }, 2)));
      expect(model.apply!(gap)).toMatchObject({ data: Int32Array.of(1, 1) });
      const leaf = pathsMissing === 'right' ? 2 : 1;
      expect(model.decisionPath!(gap).indices).toEqual(Int32Array.of(0, leaf, 3, 3 + leaf));
    }
  });
});

describe.each(['fitting', 'wide'] as const)('trees in the %s layout', (layout) => {
  // Slot 0 splits into 1 and 2, these into 3 and 4 and into 5 and 6.
  const source: SourceTree = {
    left: [1, 3, 5, -1, -1, -1, -1],
    right: [2, 4, 6, -1, -1, -1, -1],
    feature: [0, 1, 1, 0, 0, 0, 0],
    threshold: [1, 2, 3, 0, 0, 0, 0],
    missingLeft: null,
    categorical: null,
    values: Float64Array.from({ length: 14 }, (_, i) => i),
    covers: null,
    path: 'tree',
  };
  const wide = layout === 'wide';
  const stride = wide ? 4 : 2;

  /** The tree after `change`, cut to `slots`; leaves are values (1 column) or vectors (2). */
  function changed(columns: 1 | 2, slots: number, change: (trees: Trees) => void): Trees {
    const shape = { outputs: columns, leafColumns: columns, treeOutputs: null };
    const plain = { ...facts, ...shape, treeWeights: null, base: null };
    const described = describeTrees([source], plain, layout);
    change(described);
    const starts = Uint32Array.of(0, slots);
    return { ...described, starts, nodes: described.nodes.slice(0, slots * stride), nodeIds: null };
  }
  const setChild = (slot: number, child: number) => (trees: Trees) => {
    const at = slot * stride + (wide ? 3 : 1);
    const shift = 4 + trees.featureBits;
    const kept = trees.nodes[at]! & (2 ** shift - 1);
    trees.nodes[at] = wide ? child : kept | (child << shift);
  };
  const setOperand = (slot: number, value: number) => (trees: Trees) => {
    if (wide) new Float64Array(trees.nodes.buffer)[slot * 2] = value;
    else new Float32Array(trees.nodes.buffer)[slot * 2] = value;
  };
  const addToFeature = (slot: number, add: number) => (trees: Trees) => {
    trees.nodes[slot * stride + (wide ? 2 : 1)]! += add << 4;
  };
  const setVector = (slot: number, vector: number) => (trees: Trees) => {
    if (wide) setOperand(slot, vector)(trees);
    else trees.nodes[slot * 2] = vector;
  };
  const leafFlag = (slot: number, flag: number) => (trees: Trees) => {
    trees.nodes[slot * stride + (wide ? 2 : 1)]! ^= flag;
  };

  test('are taken unchanged', () => {
    for (const columns of [1, 2] as const)
      expect(check(changed(columns, 7, () => undefined)).kind).toBe('trees');
  });

  test.each<[string, 1 | 2, (trees: Trees) => void, number]>([
    ['a child that is the split itself', 1, setChild(1, 1), 1],
    ['a child before its parent', 1, setChild(1, 0), 1],
    ['a root that is a child', 1, setChild(0, 0), 0],
    ['a right child beyond the end', 1, setChild(2, 6), 2],
    ['a left child beyond the end', 1, setChild(2, 7), 2],
    ['a pair of children with two parents', 1, setChild(2, 3), 2],
    ['a left child with two parents', 1, setChild(2, 4), 2],
    ['a threshold of NaN', 1, setOperand(2, Number.NaN), 2],
    ['a feature beyond the last', 1, addToFeature(2, 1), 2],
    ['a leaf’s vector beyond the last', 2, setVector(6, 4), 6],
    ['a leaf that is not its own child', 2, setChild(5, 4), 5],
    ['a leaf on a feature that is one', 2, addToFeature(5, -1), 5],
    ['a leaf with flags', 2, leafFlag(5, 1), 5],
    ['a split said to be a leaf', 2, leafFlag(0, 2), 1],
  ])('are refused with %s', (_, columns, change, slot) => {
    refuses(() => check(changed(columns, 7, change)), `root.nodes[${slot}]`);
  });

  test('are refused with a right child that has two parents', () => {
    // All six slots are reached, but 4 is from both sides.
    const change = (trees: Trees) => {
      setChild(1, 4)(trees);
      setChild(2, 3)(trees);
    };
    refuses(() => check(changed(1, 6, change)), 'root.nodes[2]');
  });

  test('are refused with a right child that is the root of the next tree', () => {
    // Slot 2 splits into 5, its tree's last, and 6.
    const first = changed(1, 6, setChild(2, 5));
    const second = changed(1, 7, () => undefined);
    const nodes = Uint32Array.of(...first.nodes, ...second.nodes);
    const both = { starts: Uint32Array.of(0, 6, 13), depths: Uint8Array.of(2, 2) };
    refuses(() => check({ ...second, ...both, nodes }), 'root.nodes[2]');
  });

  test('are refused with a node that none leads to', () => {
    const change = (trees: Trees) => {
      setChild(2, 3)(trees);
      leafFlag(0, 2)(trees);
    };
    // Slot 1 is now a leaf, slot 2 splits into 3 and 4, and 5 is left over.
    refuses(() => check(changed(1, 6, change)), 'root.nodes[5]');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('are refused with a leaf of %d', (value) => {
    const change = (trees: Trees) => {
      new Float64Array(trees.nodes.buffer)[wide ? 12 : 6] = value;
    };
    refuses(() => check(changed(1, 7, change)), 'root.nodes[6]');
  });
});

test('narrow trees are refused with a leaf whose own number has no place in its slot', () => {
  const featureBits = 27;
  // One bit is left for children: the root's are 1 and 2, and 2 would be written as 0.
  const own = (slot: number) => (2 << 4) | (slot << 31);
  const nodes = Uint32Array.of(0, 6 | (1 << 31), 0, own(1), 0, own(0));
  const leaves = Float64Array.of(1, 2);
  const starts = Uint32Array.of(0, 3);
  const one = { starts, depths: Uint8Array.of(1), nodeIds: null, treeWeights: null };
  const vectors = { leafColumns: 2, leaves, treeOutputs: null };
  refuses(() => check({ ...trees, ...one, ...vectors, featureBits, nodes }), 'root.nodes[2]');
});

describe('a pipeline', () => {
  /** As the root of a model of five columns. */
  const pipeline = (...steps: unknown[]) => {
    const input = { type: 'matrix', features: 5, names: null };
    return validateRunnable({ root: { kind: 'pipeline', steps }, input }).root;
  };

  test('of parts that fit is taken, nested or not', () => {
    const inner = { kind: 'pipeline', steps: [select] };
    expect(pipeline(select, trees).kind).toBe('pipeline');
    expect(pipeline(inner, linear).kind).toBe('pipeline');
    expect(pipeline(inner, { kind: 'pipeline', steps: [linear] }).kind).toBe('pipeline');
  });

  const three = { ...select, columns: Uint32Array.of(0, 1, 2) };
  test.each([
    [[], 'model.root.steps'],
    [[three, trees], 'model.root.steps[1]: takes 2 columns (dense or sparse), is given 3 (dense)'],
    [
      [select, select],
      'model.root.steps[1]: takes 5 columns (dense or sparse), is given 2 (dense)',
    ],
    [[three, linear], 'model.root.steps[1]: takes 2 columns (dense or sparse), is given 3 (dense)'],
    [[trees, linear], 'model.root.steps[0]'],
    [[linear, select], 'model.root.steps[0]'],
    [
      [select, { kind: 'pipeline', steps: [three] }],
      'model.root.steps[1].steps[0]: takes 5 columns (dense or sparse), is given 2 (dense)',
    ],
    [
      [select, { kind: 'pipeline', steps: [three, trees] }],
      'model.root.steps[1].steps[0]: takes 5 columns (dense or sparse), is given 2 (dense)',
    ],
    [[{ ...select, columns: Uint32Array.of(5) }], 'model.root.steps[0].columns[0]'],
    [[{ ...select, columns: new Uint32Array(0) }], 'model.root.steps[0].columns'],
    [[select, null], 'model.root.steps[1]'],
  ])('of %o is refused', (steps, place) => {
    refuses(() => pipeline(...steps), place);
  });

  test('with a part of an unknown kind is one of a newer release', () => {
    refuses(() => pipeline(select, { kind: 'forest' }), 'model.root.steps[1].kind', 'unsupported');
  });

  // A trained part inside a pipeline answers, so that nothing can follow the pipeline either.
  test('with an answer inside is refused before another step', () => {
    const answering = { kind: 'pipeline', steps: [select, linear] };
    const one = { kind: 'select', features: 1, columns: Uint32Array.of(0) };
    refuses(() => pipeline(answering, one), 'model.root.steps[0]');
  });

  test('that only transforms is a transformer', () => {
    const model = createModel(describeModel({ kind: 'pipeline', steps: [select] }, 5));
    expect(model.methods).toEqual(['transform']);
    expect(asTransformer(model).transform([[0, 1, 2, 3, 4]])).toEqual(
      new Matrix(Float64Array.of(4, 0), 1, 2),
    );
    expect(() => asPredictor(model)).toThrowError(/expected a model that predicts/);
  });

  test('takes as many columns as its first part', () => {
    const root: Node = { kind: 'pipeline', steps: [select, trees] };
    refuses(() => describeModel(root, 2), 'model.root.steps[0]: takes 5 columns');
  });

  test('nests as deep as the limit allows, and is read in no time', () => {
    let node: Node = linear;
    // Whatever is asked twice of each of these would be asked 2⁶⁴ times of the last.
    for (let i = 0; i < defaultLimits.nesting; i++) node = { kind: 'pipeline', steps: [node] };
    const model = asPredictor(createModel(describeModel(node, 2)));
    expect(model.raw([[1, 10]]).data).toEqual(Float64Array.of(21));
    const one = { kind: 'pipeline', steps: [node] };
    expect(() => check(one)).toThrowError(/nested deeper than 64/);
  });

  test('names a refused value by the column it came from', () => {
    const description = describeModel({ kind: 'pipeline', steps: [select, linear] }, 5);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const input = { type: 'matrix', features: 5, names } as const;
    const named = asPredictor(createModel({ ...description, input }));
    expect(() => named.raw([[0, 0, 0, 0, Number.NaN]])).toThrowError('row 0, column "e"');
    // Columns that are not selected may hold anything, as in scikit-learn.
    expect(named.raw([[1, Number.NaN, 0, 0, 2]]).data).toEqual(Float64Array.of(4));
  });
});
